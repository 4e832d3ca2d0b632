import type { FileRecord } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { SerializableError, TestResult } from '@jest/test-result'
import type { Config } from '@jest/types'
import type { Test } from 'jest-runner'
import { endedResult } from './ended-result.js'
import { type JestModules, loadMessageUtil } from './jest-modules.js'
import type { Progress } from './progress.js'

/** What Jest's reporters get of a file. `glovebox`: what it used, why it ended, what outlived it, what it wrote. */
export type SandboxedResult = TestResult & { glovebox?: FileRecord }

/** What Jest is told of a file. */
export type FileOutcome =
  | { result: SandboxedResult }
  | { error: SerializableError & { glovebox?: FileRecord } }

export interface Evidence {
  test: Test
  globalConfig: Config.GlobalConfig
  jest: JestModules
  progress: Progress
  /** What the worker said in the end; `undefined` if it could not. */
  told: FileOutcome | undefined
  record: FileRecord
  /** The verdict in words; '' if there is nothing to say. */
  reason: string
  /** Milliseconds since the epoch. */
  begun: number
  ended: number
}

/** A verdict fails the file whatever its tests say; else Jest's own result stands. */
export function judge(evidence: Evidence): FileOutcome {
  const outcome = evidence.reason === '' ? asTold(evidence) : failed(evidence)
  if ('result' in outcome) outcome.result.glovebox = evidence.record
  else outcome.error.glovebox = evidence.record
  return outcome
}

function asTold({ told }: Evidence): FileOutcome {
  return told ?? { error: errorOf('The worker ended without a result.') }
}

function failed(evidence: Evidence): FileOutcome {
  const { test, globalConfig, told, jest, progress, reason, begun, ended } = evidence
  const { formatExecError, formatResultsErrors } = loadMessageUtil(jest)
  const { config } = test.context
  const error = errorOf(reason)
  const running = progress.running.length > 0
  // A result while a test runs is not Jest's: what is known of the tests counts then.
  if (told !== undefined && 'result' in told && told.result.testResults.length > 0 && !running) {
    const { result } = told
    const message = formatExecError(error, config, globalConfig, test.path)
    return {
      result: {
        ...result,
        skipped: false,
        testExecError: error,
        failureMessage: [result.failureMessage, message].filter(Boolean).join('\n'),
      },
    }
  }
  const { displayName } = config
  const result = endedResult({ path: test.path, displayName, progress, reason, begun, ended })
  if (result === undefined) return { error }
  const messages = [formatResultsErrors(result.testResults, config, globalConfig, test.path)]
  // A running test says it; where there is none, the file does.
  if (!running) {
    result.testExecError = error
    messages.push(formatExecError(error, config, globalConfig, test.path))
  }
  return { result: { ...result, failureMessage: messages.filter(Boolean).join('\n') } }
}

/** No line of the test is to blame, so there is no stack. */
export function errorOf(message: string): SerializableError {
  return { message, stack: '', type: 'Error', code: undefined }
}
