import { Command } from 'commander'
import { stableAfter } from '../flaky/stable-after.js'
import { historyFile } from './history-command.js'

/** What commander makes of `glovebox quarantine add`; values are still as typed. */
export interface QuarantineFlags {
  test?: string
  owner: string
  reason: string
  expires: string
}

type Settle = (status: number) => void

/** What the commands do; quarantine.ts. */
export interface QuarantineActions {
  add(file: string, flags: QuarantineFlags): number
  list(flags: { json?: boolean; history?: string }): number
  prune(flags: { stable?: boolean; after: string; history?: string }): number
}

/** The command line of `glovebox quarantine`; `load` brings what it does, when it is wanted. */
export function quarantineCommand(load?: () => Promise<QuarantineActions>, settle?: Settle): Command {
  const act = async (choose: (actions: QuarantineActions) => number): Promise<void> => {
    if (load) settle?.(choose(await load()))
  }
  const command = new Command('quarantine')
    .summary('list flaky files and tests whose failures do not fail a run')
    .description(
      'Keep the list of flaky files and tests whose failures are reported, but do not fail a run, until a day: ' +
        'glovebox.quarantine.json in the working directory, which is the root of the runner. It belongs into version control.',
    )
    .exitOverride()
  const add = new Command('add')
    .description('put a file, or one test of it, on the list, or change its entry')
    .argument('<file>', 'the test file')
    .option(
      '-t, --test <name>',
      'full name of a test, suites first, as "cart > adds" (default: the whole file)',
    )
    .requiredOption('--owner <name>', 'who looks after it')
    .requiredOption('--reason <text>', 'why it is there, e.g. the number of an issue')
    .option('--expires <day>', 'last day on which it counts, e.g. 2026-12-31, or a duration, e.g. 14d', '30d')
    .exitOverride()
    .action((file: string, flags: QuarantineFlags) => act((actions) => actions.add(file, flags)))
  const list = new Command('list')
    .description('show the list, and what seems stable; exit status 1 if an entry has expired')
    .option('--json', 'print it as JSON')
    .option(
      '--history <path>',
      `by which it is told what is stable (default: ${historyFile}, if there is one)`,
    )
    .exitOverride()
    .action((flags: Parameters<QuarantineActions['list']>[0]) => act((actions) => actions.list(flags)))
  const prune = new Command('prune')
    .description('take off what has expired, files that are gone, and with --stable what fails no more')
    .option('--stable', 'also what has passed many times in a row, as the history tells')
    .option('--after <number>', 'how many times', String(stableAfter))
    .option('--history <path>', `the history (default: ${historyFile})`)
    .exitOverride()
    .action((flags: Parameters<QuarantineActions['prune']>[0]) => act((actions) => actions.prune(flags)))
  for (const each of [add, list, prune]) command.addCommand(each)
  return command
}
