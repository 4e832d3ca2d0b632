/** A file that failed, and passed when it was run again. */
export interface Flakiness {
  /** How often it ran. All but the last failed. */
  runs: number
  /** What failed, in all of these runs. */
  failures: readonly TestFailure[]
  /** Files, relative to the runner's root, that ran at the same time as the first run; all further runs were alone. Absent: not known. */
  beside?: readonly string[]
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

/** Names of neighbours in a message, at most. */
const most = 5

/** Whether a flaky file failed only together with others, as far as its runs tell: one sentence, or none. Pure. */
export function describeCompany({ runs, beside }: Flakiness): string {
  if (beside === undefined) return ''
  if (beside.length === 0) return 'It failed alone, too.'
  const names = beside.length > most ? [...beside.slice(0, most), `${beside.length - most} more`] : beside
  const together = `together with ${names.join(', ')}`
  return runs > 2 ? `It failed ${together}, and alone, too.` : `It failed only ${together}; alone it passed.`
}

/** What fails a file whose flakiness is not to be tolerated. */
export function flakyMessage(flakiness: Flakiness): string {
  return `Flaky: the file ${describeFlakiness(flakiness)}. It passed in the last. ${describeCompany(flakiness)}`.trimEnd()
}

/** Runners join the names of suites and tests each in their own way. */
export function isSameTest(one: string, other: string): boolean {
  const plain = (name: string) => name.replaceAll(' > ', ' ')
  return plain(one) === plain(other)
}
