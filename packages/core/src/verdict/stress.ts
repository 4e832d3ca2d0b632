import type { TestFailure } from './flakiness.js'
import { rateInterval } from './rate.js'

/** How often a file was run on purpose, and how often it failed. */
export interface StressTally {
  runs: number
  failed: number
  tests: readonly TestTally[]
  /** What failed, in all runs. */
  failures: readonly TestFailure[]
}

/** Executions of one test. */
export interface TestTally {
  test: string
  passed: number
  failed: number
}

/** One run of a file, as an adapter saw it. */
export interface RunResult {
  failed: boolean
  /** Tests that were executed. */
  tests: readonly { test: string; failed: boolean }[]
  failures: readonly TestFailure[]
}

/** Counts runs of a file. Pure. */
export function tallyOf(results: readonly RunResult[]): StressTally {
  const tests = new Map<string, TestTally>()
  for (const { test, failed } of results.flatMap((result) => result.tests)) {
    const tally = tests.get(test) ?? { test, passed: 0, failed: 0 }
    tests.set(test, tally)
    if (failed) tally.failed++
    else tally.passed++
  }
  return {
    runs: results.length,
    failed: results.filter(({ failed }) => failed).length,
    tests: [...tests.values()],
    failures: results.flatMap(({ failures }) => failures),
  }
}

/** `failed in 3 of 20 runs (15 %, 95 % interval 5.2–36 %)`. Pure. */
export function describeStress({ runs, failed }: Pick<StressTally, 'runs' | 'failed'>): string {
  return `failed in ${failed} of ${runs} runs, ${describeRate({ passed: runs - failed, failed })}`
}

/** What fails a file that did not pass each time. Pure. */
export function stressMessage(tally: StressTally): string {
  const [first] = tally.failures
  const what = first === undefined ? '' : ` (${first.test}: ${first.message})`
  return `Stress: the file ${describeStress(tally)}, each in a fresh sandbox${what}`
}

/** `15 % (95 % interval: 5.2–36 %)`. Pure. */
export function describeRate(tally: { passed: number; failed: number }): string {
  const { low, high } = rateInterval(tally)
  const rate = tally.failed / (tally.passed + tally.failed)
  return `${percent(rate)} (95 % interval: ${percent(low)} to ${percent(high)})`
}

/** `0.3 %`; two digits. Pure. */
export function percent(share: number): string {
  const value = share * 100
  return `${value === 0 || value >= 10 ? Math.round(value) : Number(value.toPrecision(1 + Number(value >= 1)))} %`
}
