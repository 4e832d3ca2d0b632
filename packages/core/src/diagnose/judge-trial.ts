import { stripVTControlCharacters } from 'node:util'
import type { Failure, RunnerResult, TrialOutcome } from './trial-types.js'

export interface TrialSource {
  /** What a failure of the file as a whole is called. */
  name: string
  text: string
  /** Which tests count. */
  testName: string | undefined
}

/** What a trial says of the tests that count. Pure. */
export function judgeTrial(
  { tests, errors, record }: RunnerResult,
  { name: file, text, testName }: TrialSource,
): TrialOutcome {
  const ours = errors.find((error) => /^(Error: )?GLOVEBOX_/.test(error))
  if (ours !== undefined || record?.verdict.kind === 'sandbox-error')
    return { kind: 'unusable', reason: ours ?? errors[0] ?? 'the sandbox broke' }
  const counted = testName === undefined ? tests : tests.filter(({ name }) => matches(name, testName))
  const lines = text.split('\n')
  const failures = counted
    .filter(({ state }) => state === 'failed')
    .map(({ name, message, line }): Failure => {
      const there = lines[(line ?? 0) - 1]?.trim()
      return {
        test: name,
        message: firstLine(message),
        ...(line !== undefined && there && { line, text: there }),
      }
    })
  // A file that fails to load has no tests; one that is killed has some that never ran.
  const whole = errors.map((error): Failure => ({ test: file, message: firstLine(error) }))
  const completed = counted.some(({ state }) => state !== 'skipped')
  if (failures.length > 0) return { kind: 'failed', failures }
  if (whole.length > 0 && (testName === undefined || !completed)) return { kind: 'failed', failures: whole }
  if (completed) return { kind: 'passed' }
  const reason = testName === undefined ? 'no test ran' : `no test that ran matches ${testName}`
  return { kind: 'unusable', reason }
}

/** The runners' own rule for -t. */
function matches(name: string, pattern: string): boolean {
  return new RegExp(pattern, 'i').test(name)
}

function firstLine(text: string): string {
  const lines = stripVTControlCharacters(text).split('\n')
  return lines.find((line) => line.trim() !== '')?.trim() ?? ''
}
