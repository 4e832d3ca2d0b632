import { Command, Option } from 'commander'

/** What commander makes of the command line of `glovebox diagnose`; values are still as typed. */
export interface DiagnoseFlags {
  testNamePattern?: string
  runner?: 'vitest' | 'jest'
  budget: string
  jobs?: string
  only?: string
  node?: string[]
  with?: string[]
  json?: true
  html?: string
  cell?: string
  part?: string
}

/** Joins the parts at these paths. */
export type Merge = (
  paths: [string, ...string[]],
  flags: Pick<DiagnoseFlags, 'json' | 'html'>,
) => Promise<void>

/** The command line of `glovebox diagnose`; what it does is in diagnose.ts. */
export function diagnoseCommand(merge?: Merge): Command {
  const command = new Command('diagnose')
    .summary('find out what a flaky test file depends on')
    .description(
      'Run a test file many times, each time in a sandbox of its own in which at most one thing is changed: the CPU it gets, the ' +
        'time zone, the date, the order of its tests and so on. Compare how often it fails with how often it fails without a ' +
        'change, and say what makes the difference, how sure that is, and which command makes it fail.',
    )
    .argument('<file>', 'the test file; the working directory is the root of the runner')
    .option('-t, --testNamePattern <pattern>', 'look at the tests only whose names match')
    .addOption(
      new Option('--runner <name>', 'vitest or jest (default: the one that is installed)').choices([
        'vitest',
        'jest',
      ]),
    )
    .option('--budget <duration>', 'stop after this time with what is known', '5m')
    .option('-j, --jobs <number>', 'trials at once (default: as many as there are CPUs and memory for)')
    .option('--only <dimensions>', 'change these only, e.g. cpu,event-loop,date')
    .addOption(
      new Option(
        '--node <path>',
        'another Node.js, with which the file is run as well; repeatable',
      ).argParser((path: string, others: string[] | undefined) => [...(others ?? []), path]),
    )
    .addOption(
      new Option(
        '--with <file>',
        'a test file that runs at the same time, to tell whether it fails only then; repeatable',
      ).argParser((path: string, others: string[] | undefined) => [...(others ?? []), path]),
    )
    .option('--cell <i/n>', 'make the share of one of n machines, e.g. 2/4; diagnose merge joins them')
    .option('--part <file>', 'where the share goes (default: glovebox-part-<i>-of-<n>.json)')
    .option('--json', 'print the answer as JSON')
    .option('--html <file>', 'write it as a page with charts, too, that needs no other file')
    // What stands behind merge is merge's.
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', trailer)
  command.addCommand(mergeCommand(merge))
  return command
}

function mergeCommand(merge: Merge | undefined): Command {
  return new Command('merge')
    .description('join the parts of an experiment that --cell split, and print its answer')
    .argument('<part...>', 'the files of all cells')
    .option('--json', 'print the answer as JSON')
    .option('--html <file>', 'write it as a page with charts, too')
    .exitOverride()
    .action((paths: [string, ...string[]], flags: Pick<DiagnoseFlags, 'json' | 'html'>) =>
      merge?.(paths, flags),
    )
}

const trailer = `
Exit status:
  0 if it never failed; 1 if it depends on something, is flaky or always fails; 2 if there is no answer; 130 if
  it was interrupted, with what is known by then; with --cell, 0 if the part was written

Examples:
  glovebox diagnose test/cart.test.ts -t 'applies coupon' --runner vitest --budget 2m
  glovebox diagnose test/cart.test.ts --cell 2/4
  glovebox diagnose merge glovebox-part-*.json --html answer.html`
