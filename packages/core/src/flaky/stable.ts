import { isSameTest } from '../verdict/flakiness.js'
import { undetectedRate } from '../verdict/rate.js'
import { percent } from '../verdict/stress.js'
import type { TestHistory } from './history.js'
import { nameOf, type QuarantineEntry, quarantineFile } from './quarantine.js'
import { stableAfter } from './stable-after.js'

/** An entry whose file or test fails no more, as far as the history knows. */
export interface StableEntry {
  entry: QuarantineEntry
  /** Executions since the last failure. */
  streak: number
}

/** Entries that have passed `after` times in a row. Of a file in several projects each must have. Pure. */
export function stableEntries(
  entries: readonly QuarantineEntry[],
  history: readonly TestHistory[],
  after: number = stableAfter,
): StableEntry[] {
  return entries.flatMap((entry) => {
    const streaks = history
      .filter(({ file, test }) => file === entry.file && isSameTest(test, entry.test ?? ''))
      .map(({ streak }) => streak)
    const streak = Math.min(...streaks)
    return streaks.length > 0 && streak >= after ? [{ entry, streak }] : []
  })
}

/** `passed 42 times in a row: it fails in less than 6.9 % of its runs, with 95 % confidence`. Pure. */
export function describeStability(streak: number): string {
  return `passed ${streak} times in a row: it fails in less than ${percent(undetectedRate(streak))} of its runs, with 95 % confidence`
}

/** One sentence for each. Pure. */
export function stableNotices(stable: readonly StableEntry[]): string[] {
  return stable.map(
    ({ entry, streak }) =>
      `${quarantineFile}: ${nameOf(entry)} is in quarantine (${entry.owner}: ${entry.reason}) and seems stable. It ${describeStability(streak)}. Take it off: glovebox quarantine prune --stable`,
  )
}
