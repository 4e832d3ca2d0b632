import type { TestedFile, TestReport } from '../report/file-report.js'
import { isSameTest, type TestFailure } from '../verdict/flakiness.js'
import type { TestOutcome } from './history.js'

/** What a file and its tests add to the history: one outcome for each that was executed. Pure. */
export function outcomesOf(report: TestedFile): TestOutcome[] {
  const { file, project = '', usage, quarantined, tests } = report
  const common = { project, file, quarantined: quarantined !== undefined }
  const whole = { ...common, test: '', ...wholeFile(report), duration: usage.wall }
  const single = tests
    .map((test) => ({
      ...common,
      test: nameOfTest(test),
      ...executions(report, test),
      duration: test.duration,
    }))
    .filter(({ passed, failed }) => passed + failed > 0)
    .map((outcome) => ({ ...outcome, quarantined: common.quarantined && outcome.failed > 0 }))
  return sum([whole, ...single].filter(({ passed, failed }) => passed + failed > 0))
}

/** Suites first, joined by ` > `. */
export function nameOfTest({ name }: Pick<TestReport, 'name'>): string {
  return name.join(' > ')
}

/** Failures of a test before its last execution, or in it if they were excused. Pure. */
export function excusedFailures(report: TestedFile, test: TestReport): readonly TestFailure[] {
  const { flaky, retried, quarantined } = report
  const failures = flaky?.failures ?? [...(retried?.failures ?? []), ...(quarantined?.failures ?? [])]
  const name = nameOfTest(test)
  return failures.filter((failure) => isSameTest(failure.test, name))
}

type Executions = Pick<TestOutcome, 'passed' | 'failed'>

function wholeFile({ state, flaky, retried, quarantined, stress }: TestedFile): Executions {
  if (stress) return { passed: stress.runs - stress.failed, failed: stress.failed }
  if (flaky) return { passed: 1, failed: flaky.runs - 1 }
  if (quarantined || state === 'failed') return { passed: 0, failed: retried?.runs ?? 1 }
  return { passed: Number(state === 'passed'), failed: 0 }
}

function executions(report: TestedFile, test: TestReport): Executions {
  const name = nameOfTest(test)
  const tally = report.stress?.tests.find((each) => isSameTest(each.test, name))
  if (tally) return { passed: tally.passed, failed: tally.failed }
  const excused = excusedFailures(report, test).length
  return { passed: Number(test.state === 'passed'), failed: excused + Number(test.state === 'failed') }
}

/** Two tests of a file may well have the same name. */
function sum(outcomes: readonly TestOutcome[]): TestOutcome[] {
  const byName = new Map<string, TestOutcome>()
  for (const outcome of outcomes) {
    const known = byName.get(outcome.test)
    if (!known) byName.set(outcome.test, outcome)
    else {
      known.passed += outcome.passed
      known.failed += outcome.failed
      known.quarantined ||= outcome.quarantined
    }
  }
  return [...byName.values()]
}
