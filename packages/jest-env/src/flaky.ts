import type { Flakiness, TestFailure } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import { type FileInput, runFile } from './file-run.js'
import { loadMessageUtil } from './jest-modules.js'
import { errorOf, type FileOutcome, type SandboxedResult } from './judge.js'

/** Runs a file, again if it fails, and excuses what is in quarantine. Throws what `runFile` throws. */
export async function runJudged(input: FileInput): Promise<FileOutcome> {
  const { path } = input.test
  const outcome = await runUntilPassed(input)
  if ('error' in outcome) return outcome
  const { glovebox } = outcome.result
  const failures = failuresOf(outcome, path)
  if (glovebox === undefined || failures.length === 0) return outcome
  const quarantined = input.session.excuse(path, glovebox.flaky?.failures ?? failures)
  if (quarantined === undefined) return outcome
  return { result: pardoned({ ...outcome.result, glovebox: { ...glovebox, quarantined } }) }
}

/** Tests that failed count as pending, the file as passed. Pure. */
export function pardoned(result: SandboxedResult): SandboxedResult {
  const { testExecError: _, ...rest } = result
  const testResults = result.testResults.map((test) =>
    test.status === 'failed'
      ? { ...test, status: 'pending' as const, failureMessages: [], failureDetails: [] }
      : test,
  )
  return {
    ...rest,
    testResults,
    failureMessage: null,
    numFailingTests: 0,
    numPendingTests: result.numPendingTests + result.numFailingTests,
  }
}

/** Runs a file that fails again, in a fresh sandbox, as often as the options say. What is flaky keeps what failed. Throws what `runFile` throws. */
async function runUntilPassed(input: FileInput): Promise<FileOutcome> {
  const { retries } = input.session.flaky
  const failures: TestFailure[] = []
  for (let runs = 1; ; runs++) {
    const outcome = await runFile(input)
    const failed = failuresOf(outcome, input.test.path)
    if (failed.length === 0) return runs === 1 ? outcome : asFlaky(outcome, { runs, failures }, input)
    if (runs > retries || input.signal.aborted) return outcome
    failures.push(...failed)
  }
}

/** What failed in a run; none if it passed. `path`: what a failure of the file as a whole is called. Pure. */
export function failuresOf(outcome: FileOutcome, path: string): TestFailure[] {
  const whole = ({ message = '' }: { message?: string }) => ({ test: path, message: firstLine(message) })
  if ('error' in outcome) return [whole(outcome.error)]
  const { testResults, testExecError, failureMessage, numFailingTests } = outcome.result
  const tests = testResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages: [message = ''] }) => ({
      test: fullName,
      message: firstLine(message),
    }))
  if (testExecError) return [...tests, whole(testExecError as { message?: string })]
  return tests.length === 0 && numFailingTests > 0 ? [whole({ message: failureMessage ?? '' })] : tests
}

/** A run that passed after others had failed: never a plain pass. */
async function asFlaky(outcome: FileOutcome, flaky: Flakiness, input: FileInput): Promise<FileOutcome> {
  if ('error' in outcome) return outcome
  const { result } = outcome
  if (result.glovebox) result.glovebox = { ...result.glovebox, flaky }
  if (input.session.flaky.policy === 'warn') return outcome
  const { flakyMessage } = await import('@glovebox/core/adapter')
  const error = errorOf(flakyMessage(flaky))
  const { formatExecError } = loadMessageUtil(input.jest)
  const { config } = input.test.context
  return {
    result: {
      ...result,
      testExecError: error,
      failureMessage: formatExecError(error, config, input.globalConfig, input.test.path),
    },
  }
}

function firstLine(text: string): string {
  const plain = text.split('\n').find((line) => line.trim() !== '')
  return plain?.trim() ?? ''
}
