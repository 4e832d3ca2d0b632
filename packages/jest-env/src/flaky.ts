import { relative } from 'node:path'
import type { FileRecord, Flakiness, RunResult, TestFailure } from '@glovebox/core/adapter' with {
  'resolution-mode': 'import',
}
import { type FileInput, runFile } from './file-run.js'
import { loadMessageUtil } from './jest-modules.js'
import { errorOf, type FileOutcome, type SandboxedResult } from './judge.js'

/** Runs a file, again if it fails, and excuses what is in quarantine. Throws what `runFile` throws. */
export async function runJudged(input: FileInput): Promise<FileOutcome> {
  const { path } = input.test
  const outcome = await runRepeatedly(input)
  if ('error' in outcome) return outcome
  const { glovebox } = outcome.result
  const failures = failuresOf(outcome, path)
  if (glovebox === undefined || glovebox.stress || failures.length === 0) return outcome
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

/** Runs a file as often as the options say: until it passes, if it fails, or a number of times on purpose. Throws what `runFile` throws. */
async function runRepeatedly(input: FileInput): Promise<FileOutcome> {
  const { retries, stress } = input.session.flaky
  if (stress !== undefined) return manyTimes(stress, input)
  const failures: TestFailure[] = []
  const { turns } = input.session
  const name = relative(input.test.context.config.rootDir, input.test.path)
  let beside: readonly string[] = []
  for (let runs = 1; ; runs++) {
    const run = () => runFile(input)
    const turn = await (runs === 1 ? turns.beside(name, run) : turns.alone(name, run))
    const outcome = turn.value
    if (runs === 1) beside = turn.beside
    const failed = failuresOf(outcome, input.test.path)
    if (failed.length === 0) return runs === 1 ? outcome : asFlaky(outcome, { runs, failures, beside }, input)
    if (runs > retries || input.signal.aborted)
      return runs === 1 ? outcome : withRecord(outcome, { retried: { runs, failures, beside } })
    failures.push(...failed)
  }
}

/** It fails if it failed once. */
async function manyTimes(times: number, input: FileInput): Promise<FileOutcome> {
  const { stressMessage, tallyOf } = await import('@glovebox/core/adapter')
  const results: RunResult[] = []
  for (;;) {
    const outcome = await runFile(input)
    const failures = failuresOf(outcome, input.test.path)
    results.push({ failed: failures.length > 0, tests: executedIn(outcome), failures })
    if (results.length < times && !input.signal.aborted) continue
    const stress = tallyOf(results)
    const told = withRecord(outcome, { stress })
    return stress.failed === 0 ? told : failedBecause(told, stressMessage(stress), input)
  }
}

function executedIn(outcome: FileOutcome): RunResult['tests'] {
  if ('error' in outcome) return []
  return outcome.result.testResults
    .filter(({ status }) => status === 'passed' || status === 'failed')
    .map(({ ancestorTitles, title, status }) => ({
      test: [...ancestorTitles, title].join(' > '),
      failed: status === 'failed',
    }))
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
  const told = withRetries(withRecord(outcome, { flaky }), flaky)
  if (input.session.flaky.policy === 'warn') return told
  const { flakyMessage } = await import('@glovebox/core/adapter')
  return failedBecause(told, flakyMessage(flaky), input)
}

/** As if Jest itself had retried the tests that failed: its reporters know how to say that. Of a crash, the first test tells. */
export function withRetries(outcome: FileOutcome, { failures }: Flakiness): FileOutcome {
  if ('error' in outcome) return outcome
  const { testResults } = outcome.result
  const names = new Set(testResults.map(({ fullName }) => fullName))
  const ofNone = failures.filter(({ test }) => !names.has(test))
  const retried = testResults.map((test, index) => {
    const own = [
      ...failures.filter((failure) => failure.test === test.fullName),
      ...(index === 0 ? ofNone : []),
    ]
    if (own.length === 0) return test
    const retryReasons = [...own.map(({ message }) => message), ...(test.retryReasons ?? [])]
    return { ...test, retryReasons, invocations: (test.invocations ?? 1) + own.length }
  })
  return { result: { ...outcome.result, testResults: retried } }
}

function withRecord(outcome: FileOutcome, more: Partial<FileRecord>): FileOutcome {
  const told = 'result' in outcome ? outcome.result : outcome.error
  if (told.glovebox) told.glovebox = { ...told.glovebox, ...more }
  return outcome
}

/** Fails a file, whatever its tests say; what it says of its own stays. */
function failedBecause(outcome: FileOutcome, reason: string, input: FileInput): FileOutcome {
  if ('error' in outcome)
    return { error: { ...outcome.error, message: `${reason}\n${outcome.error.message}` } }
  const { result } = outcome
  const { formatExecError } = loadMessageUtil(input.jest)
  const error = errorOf(reason)
  const message = formatExecError(error, input.test.context.config, input.globalConfig, input.test.path)
  return {
    result: {
      ...result,
      testExecError: error,
      failureMessage: [message, result.failureMessage].filter(Boolean).join('\n'),
    },
  }
}

function firstLine(text: string): string {
  const plain = text.split('\n').find((line) => line.trim() !== '')
  return plain?.trim() ?? ''
}
