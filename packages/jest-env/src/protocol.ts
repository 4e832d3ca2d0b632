import type { NetworkRefusal } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { SerializableError, TestEvents, TestResult } from '@jest/test-result'
import type { Config } from '@jest/types'
import type { ToldFacts } from './facts.js'

/**
 * What travels between Jest's main process and the worker of one test file.
 *
 * ```
 * runner ── job ─────────────▶ worker
 * runner ◀─ event, cached, refused ── worker     as they happen
 * runner ◀─ done or failed ─── worker     then the sandbox ends and is judged
 * ```
 */
export interface Job {
  glovebox: 'job'
  /** The `jest-runner` of the user's Jest. */
  jestRunner: string
  path: string
  config: Config.ProjectConfig
  globalConfig: Config.GlobalConfig
  /** Serialized haste map: which modules are called by name. */
  moduleMap: unknown
  changedFiles: readonly string[] | undefined
  sourcesRelatedToTestsInChangedFiles: readonly string[] | undefined
  /** The working directory of Jest, which need not be a project's root. */
  cwd: string
  /** JEST_WORKER_ID. */
  workerId: string
  facts: ToldFacts
}

export type TestCaseEvent = 'test-case-start' | 'test-case-result'

export type Note =
  /** `at`: microseconds of the monotonic clock. */
  | {
      [Name in TestCaseEvent]: { glovebox: 'event'; name: Name; payload: TestEvents[Name]; at: number }
    }[TestCaseEvent]
  /** Jest transformed something, and would have it in its cache. */
  | { glovebox: 'cached'; path: string; content: string }
  | NetworkRefusal
  | { glovebox: 'done'; result: TestResult }
  /** The file could not be run. */
  | { glovebox: 'failed'; error: SerializableError }

function isMessage(message: unknown): message is { glovebox: unknown } {
  return typeof message === 'object' && message !== null && 'glovebox' in message
}

export function isJob(message: unknown): message is Job {
  return isMessage(message) && message.glovebox === 'job'
}

export function isNote(message: unknown): message is Note {
  return (
    isMessage(message) &&
    ['event', 'cached', 'refused', 'done', 'failed'].includes(message.glovebox as string)
  )
}
