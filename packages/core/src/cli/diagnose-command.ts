import { Command, Option } from 'commander'

/** What commander makes of the command line of `glovebox diagnose`; values are still as typed. */
export interface DiagnoseFlags {
  testNamePattern?: string
  runner?: 'vitest' | 'jest'
  budget: string
  jobs?: string
  only?: string
  under?: string
  json?: true
  html?: string
}

/** The command line of `glovebox diagnose`; what it does is in diagnose.ts. */
export function diagnoseCommand(): Command {
  return new Command('diagnose')
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
    .option('--under <change>', 'only repeat the file under one change, e.g. cpus=0.1, until it fails')
    .option('--json', 'print the answer as JSON')
    .option('--html <file>', 'write it as a page with charts, too, that needs no other file')
    .exitOverride()
    .addHelpText('after', trailer)
}

const trailer = `
Exit status:
  0 if it never failed, or with --under, if it did not fail; 1 if it depends on something, is flaky or always
  fails; 2 if there is no answer; 130 if it was interrupted, with what is known by then

Examples:
  glovebox diagnose test/cart.test.ts -t 'applies coupon' --runner vitest --budget 2m
  glovebox diagnose test/cart.test.ts --under cpus=0.1`
