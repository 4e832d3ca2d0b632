import type { AssertionResult, TestResult } from '@jest/test-result'
import type { Progress, StartedTest } from './progress.js'

export interface EndedFile {
  path: string
  displayName: TestResult['displayName'] | undefined
  progress: Progress
  /** Why the file was ended, in words. */
  reason: string
  /** Milliseconds since the epoch. */
  begun: number
  ended: number
}

/**
 * The result of a file whose process is gone: tests that had ended keep theirs, those that were running fail with the reason.
 * `undefined` if there is no test that could say it. Pure.
 */
export function endedResult(file: EndedFile): TestResult | undefined {
  const { progress, reason, begun, ended } = file
  const testResults = [
    ...progress.finished,
    ...progress.running.map((test) => interrupted(test, reason, ended)),
  ]
  if (testResults.length === 0) return undefined
  const count = (...statuses: string[]) =>
    testResults.filter(({ status }) => statuses.includes(status)).length
  return {
    ...(file.displayName && { displayName: file.displayName }),
    failureMessage: null,
    leaks: false,
    numFailingTests: count('failed'),
    numPassingTests: count('passed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    openHandles: [],
    perfStats: { ...noTimes, start: begun, end: ended, runtime: ended - begun, slow: false },
    skipped: false,
    snapshot: {
      added: 0,
      fileDeleted: false,
      matched: 0,
      unchecked: 0,
      uncheckedKeys: [],
      unmatched: 0,
      updated: 0,
    },
    testFilePath: file.path,
    testResults,
  }
}

const noTimes = {
  loadTestEnvironmentEnd: 0,
  loadTestEnvironmentStart: 0,
  setupAfterEnvEnd: 0,
  setupAfterEnvStart: 0,
  setupFilesEnd: 0,
  setupFilesStart: 0,
}

function interrupted(test: StartedTest, reason: string, ended: number): AssertionResult {
  const message = `This test was running when its file was ended.\n\n${reason}`
  return {
    ancestorTitles: [...test.ancestorTitles],
    duration: typeof test.startedAt === 'number' ? Math.max(0, ended - test.startedAt) : null,
    failureDetails: [{ name: 'Glovebox', message }],
    failureMessages: [message],
    fullName: test.fullName,
    invocations: 1,
    location: null,
    numPassingAsserts: 0,
    retryReasons: [],
    status: 'failed',
    title: test.title,
  }
}
