import { relative } from 'node:path'
import type { FileReport, TestedFile, TestReport, Verdict } from '@glovebox/core/adapter' with {
  'resolution-mode': 'import',
}
import type { AssertionResult } from '@jest/test-result'
import type { Test } from 'jest-runner'
import type { FileOutcome } from './judge.js'

export interface Surroundings {
  rootDir: string
  /** A verdict in words; '' if there is nothing to say. */
  explain(verdict: Verdict): string
}

/** A file that ran in a sandbox, with its tests; empty for others. Pure. */
export function testedFile(
  { path, context }: Test,
  outcome: FileOutcome,
  { rootDir, explain }: Surroundings,
): TestedFile[] {
  const record = 'result' in outcome ? outcome.result.glovebox : outcome.error.glovebox
  if (record === undefined) return []
  const project = context.config.displayName?.name
  const state = stateOf(outcome)
  // Where a test was running when its file was ended, that test says why.
  const error = errorIn(outcome) || (state === 'failed' && explain(record.verdict)) || undefined
  return [
    {
      file: relative(rootDir, path),
      ...(project !== undefined && { project }),
      state,
      ...record,
      tests: 'result' in outcome ? outcome.result.testResults.map(toTest) : [],
      ...(error !== undefined && { error }),
    },
  ]
}

function toTest({ ancestorTitles, title, status, duration, failureMessages }: AssertionResult): TestReport {
  const [message] = failureMessages
  return {
    name: [...ancestorTitles, title],
    state: status === 'passed' || status === 'failed' ? status : 'skipped',
    ...(typeof duration === 'number' && { duration }),
    ...(message !== undefined && { message }),
  }
}

/** What failed the file besides its tests. */
function errorIn(outcome: FileOutcome): string | undefined {
  if ('error' in outcome) return outcome.error.message
  return (outcome.result.testExecError as { message?: string } | undefined)?.message
}

function stateOf(outcome: FileOutcome): FileReport['state'] {
  if ('error' in outcome) return 'failed'
  const { numFailingTests, testExecError, skipped } = outcome.result
  if (numFailingTests > 0 || testExecError) return 'failed'
  return skipped ? 'skipped' : 'passed'
}
