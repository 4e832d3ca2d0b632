import { Command } from 'commander'

/** Where the commands look for it unless they are told. */
export const historyFile = 'glovebox.history.db'

/** What commander makes of `glovebox history list`; values are still as typed. */
export interface HistoryFlags {
  db: string
  file?: string
  test?: string
  branch?: string
  since?: string
  minRate: string
  files?: true
  all?: true
  json?: true
}

type Settle = (status: number) => void

/** What the commands do; history.ts. */
export interface HistoryActions {
  list(flags: HistoryFlags): number
  merge(into: string, from: readonly string[]): number
  prune(flags: { db: string; before: string }): number
}

/** The command line of `glovebox history`. `actions` are loaded when they are wanted. */
export function historyCommand(load?: () => Promise<HistoryActions>, settle?: Settle): Command {
  const command = new Command('history')
    .summary('show how often each test was flaky, and merge the histories of CI shards')
    .description(
      'Read the history that runs keep with `flaky: { history }`: how often each test failed at commits at which it passed as well, with ' +
        'a 95 % confidence interval.',
    )
    .exitOverride()
  const list = new Command('list')
    .description('show the tests that were flaky, the worst first (default)')
    .option('--db <path>', 'the history', historyFile)
    .option('--file <glob>', 'only of these files, e.g. "test/cart/**"')
    .option('--test <text>', 'only tests whose names contain this')
    .option('--branch <name>', 'only runs on this branch')
    .option('--since <day>', 'only runs from this day on, e.g. 2026-12-31, or of this duration, e.g. 30d')
    .option('--min-rate <share>', 'only tests that are at least so flaky, e.g. 1%', '0')
    .option('--files', 'files as a whole instead of single tests')
    .option('--all', 'also tests that were never flaky')
    .option('--json', 'print it as JSON')
    .exitOverride()
    .action(async (flags: HistoryFlags) => load && settle?.((await load()).list(flags)))
  const merge = new Command('merge')
    .description('add the runs of other histories to one; runs that it has already stay as they are')
    .argument('<out>', 'the history that they are added to; made if it is not there')
    .argument('<in...>', 'the others, e.g. one of each CI shard')
    .exitOverride()
    .action(async (into: string, from: string[]) => load && settle?.((await load()).merge(into, from)))
  const prune = new Command('prune')
    .description('forget old runs')
    .option('--db <path>', 'the history', historyFile)
    .requiredOption('--before <day>', 'runs before this day, e.g. 2026-12-31, or older than this, e.g. 90d')
    .exitOverride()
    .action(async (flags: { db: string; before: string }) => load && settle?.((await load()).prune(flags)))
  command.addCommand(list, { isDefault: true })
  for (const each of [merge, prune]) command.addCommand(each)
  return command
}
