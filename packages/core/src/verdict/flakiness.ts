/** A file that failed, and passed when it was run again. */
export interface Flakiness {
  /** How often it ran. All but the last failed. */
  runs: number
  /** What failed, in all of these runs. */
  failures: readonly TestFailure[]
}

export interface TestFailure {
  /** Name of the test; the file's if it failed as a whole. */
  test: string
  /** First line of the error. */
  message: string
}

/** `failed in 1 of 2 runs, each in a fresh sandbox (adds: expected 3 to be 2)`. Pure. */
export function describeFlakiness({ runs, failures: [first] }: Flakiness): string {
  const what = first === undefined ? '' : ` (${first.test}: ${first.message})`
  return `failed in ${runs - 1} of ${runs} runs, each in a fresh sandbox${what}`
}

/** What fails a file whose flakiness is not to be tolerated. */
export function flakyMessage(flakiness: Flakiness): string {
  return `Flaky: the file ${describeFlakiness(flakiness)}. It passed in the last.`
}

/** Runners join the names of suites and tests each in their own way. */
export function isSameTest(one: string, other: string): boolean {
  const plain = (name: string) => name.replaceAll(' > ', ' ')
  return plain(one) === plain(other)
}
