import { excusedFailures, nameOfTest } from '../flaky/outcomes.js'
import { describeQuarantined, type Quarantined } from '../flaky/quarantine.js'
import { isSameTest, type TestFailure } from '../verdict/flakiness.js'
import { describeStress, type StressTally } from '../verdict/stress.js'
import type { TestedFile, TestReport } from './file-report.js'

/** A test, or a file as a whole, as the formats of CI services have it. */
export interface Case {
  /** Suites first, the test last; the file's name alone if it is about the file. */
  name: readonly string[]
  /** `flaky`: it passed in the end, and that does not fail the run; `quarantined`: it failed, and that does not either. */
  state: 'passed' | 'failed' | 'skipped' | 'flaky' | 'quarantined'
  /** What failed it, or why it is told from one that passed. */
  message?: string | undefined
  /** Kind of the verdict, `flaky`, `stress` or `error`, where the file failed as a whole. */
  cause?: string | undefined
  /** Milliseconds. */
  duration?: number | undefined
  /** Failures before the last execution. */
  earlier: readonly TestFailure[]
}

/** What there is to say of a file: one case for each test, and one for the file if something failed that is not a test. Pure. */
export function casesOf(report: TestedFile): Case[] {
  return [...report.tests.map((test) => ofTest(report, test)), ...ofFile(report)]
}

function ofTest(report: TestedFile, test: TestReport): Case {
  const { name, duration } = test
  const failures = excusedFailures(report, test)
  const common = { name, duration, earlier: failures }
  const tally = report.stress?.tests.find((each) => isSameTest(each.test, nameOfTest(test)))
  if (tally && tally.failed > 0) return { ...common, ...stressed(report.stress, tally), earlier: [] }
  if (report.quarantined && failures.length > 0)
    return { ...common, state: 'quarantined', message: excuseOf(report.quarantined, isOf(nameOfTest(test))) }
  if (test.state === 'passed' && failures.length > 0)
    return { ...common, state: 'flaky', message: failures[0]?.message }
  return { ...common, state: test.state, message: test.message }
}

function ofFile(report: TestedFile): Case[] {
  const { file, error, verdict, flaky, retried, quarantined, stress, usage, tests } = report
  const ofTests = (failure: TestFailure) => tests.some((test) => isSameTest(failure.test, nameOfTest(test)))
  const failures = (flaky ?? retried ?? quarantined)?.failures.filter((failure) => !ofTests(failure)) ?? []
  const common = { name: [file], duration: usage.wall, earlier: failures }
  if (quarantined)
    return failures.length === 0
      ? []
      : [{ ...common, state: 'quarantined', message: excuseOf(quarantined, (failure) => !ofTests(failure)) }]
  if (error !== undefined) {
    const kind = verdict.kind === 'passed-through' ? undefined : verdict.kind
    const cause = kind ?? (stress ? 'stress' : flaky ? 'flaky' : 'error')
    return [{ ...common, state: 'failed', message: error, cause }]
  }
  return flaky && failures.length > 0 ? [{ ...common, state: 'flaky', message: failures[0]?.message }] : []
}

const isOf = (name: string) => (failure: TestFailure) => isSameTest(failure.test, name)

function excuseOf(quarantined: Quarantined, which: (failure: TestFailure) => boolean): string {
  return describeQuarantined({ ...quarantined, failures: quarantined.failures.filter(which) })
}

function stressed(
  stress: StressTally | undefined,
  { test, passed, failed }: { test: string; passed: number; failed: number },
): Pick<Case, 'state' | 'message' | 'cause'> {
  const first = stress?.failures.find(isOf(test))
  const message = describeStress({ runs: passed + failed, failed })
  return {
    state: 'failed',
    message: first === undefined ? message : `${message}: ${first.message}`,
    cause: 'stress',
  }
}
