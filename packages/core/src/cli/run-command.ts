import { Command, Option } from 'commander'
import { testOptions } from './test-file.js'

/** The command line of `glovebox run`; what it means is in flags.ts, what it does in run.ts. */
export function runCommand(): Command {
  const command = new Command('run')
    .summary('run a command or a test file in a sandbox of its own')
    .description(
      'Run a command in a sandbox of its own: fresh namespaces, capped resources, a private /tmp and $HOME, and no network ' +
        'but its own loopback. The project (the workspace around the working directory) is writable as it is, unless ' +
        '--project says otherwise; the rest of the root is read-only. /, the home directory and /tmp are no projects: nothing ' +
        'that is written there stays. What the command leaves running is killed when it ends. If a test file is named instead, its ' +
        'runner runs it, as in a trial of glovebox diagnose.',
    )
    .argument('<command...>', 'the command and its arguments; put -- before it; or a test file')
    .passThroughOptions()
    // -h is Docker's --hostname.
    .helpOption('--help', 'print this help')
    // The descriptions name choices and defaults themselves.
    .configureHelp({ optionDescription: (option) => option.description })
    .exitOverride()
  for (const [heading, options] of [...groups, ['Test files:', testOptions()] as const]) {
    for (const option of options) command.addOption(option.helpGroup(heading))
  }
  return command.addHelpText('after', trailer)
}

const many = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value]

const limits: Option[] = [
  new Option('-m, --memory <size>', 'memory, e.g. 256MiB, 4G (default: no limit)'),
  new Option('--swap <size>', 'swap beyond memory (default: 0)').conflicts('memorySwap'),
  new Option('--cpus <number>', "CPUs' worth of time, e.g. 0.5"),
  new Option('--cpu-weight <1-10000>', 'share of the CPUs when they are busy; 100 is normal'),
  new Option('--cpuset <list>', 'CPUs that may be used, e.g. 0-1,3'),
  new Option('--pids <number>', 'processes and threads (default: no limit)'),
  new Option('--timeout <duration>', 'wall clock, e.g. 30s, 5m (default: no limit)'),
  new Option('--disk <size>', 'private file systems together: /tmp, $HOME, /dev/shm (default: 1GiB)'),
  new Option('--open-files <number>', 'open files of a process'),
  new Option('--file-size <size>', 'size of a file that is written'),
  new Option('--core-size <size>', 'size of a core dump'),
  new Option('--stack-size <size>', 'stack of a process'),
  new Option('--io <rule>', 'block device, e.g. "8:0 readBps=1MiB writeIops=100"; repeatable').argParser(
    many,
  ),
  new Option('--hugetlb <rule>', 'huge pages, e.g. 2MB=64MiB; repeatable').argParser(many),
]

const isolation: Option[] = [
  new Option('--network <mode>', 'none: own loopback only; host: shared (default: none)').choices([
    'none',
    'host',
  ]),
  new Option(
    '--forward <[[port:]host:]port>',
    'port of the loopback inside that leads to host:port outside (default host: localhost), or auto; repeatable',
  ).argParser(many),
  new Option(
    '--allow <name:port>',
    'host outside that may be reached by its name, e.g. api.example.com:443, *.internal:*; repeatable',
  ).argParser(many),
  new Option('--latency <duration>', 'how long packets take, each way, on the loopback and where that leads'),
  new Option('--loss <share>', 'how many packets are lost, e.g. 1%'),
  new Option('--bandwidth <size>', 'how much passes in a second, each way, e.g. 1MB'),
  new Option('--dns <fault>', 'fail: no name can be resolved; silent: nor is there an answer').choices([
    'fail',
    'silent',
  ]),
  new Option('-h, --hostname <name>', 'hostname inside (default: glovebox)'),
  new Option('--root <dir>', 'directory that becomes /; what is written to it is discarded'),
  new Option(
    '--project <mode>',
    'direct: writes stay; readonly; overlay: writes are discarded (default: direct in a project)',
  ).choices(['direct', 'readonly', 'overlay']),
  new Option('--writable <path>', 'path that may be written as well; repeatable').argParser(many),
  new Option('--readonly <path>', 'path to show although a private directory hides it; repeatable').argParser(
    many,
  ),
  new Option('--hide <path>', 'path to hide; repeatable').argParser(many),
  new Option(
    '--clock-offset <[clock=]duration>',
    'move the monotonic and boottime clocks, or one; repeatable',
  ).argParser(many),
]

const process_: Option[] = [
  new Option('-e, --env <NAME[=value]>', 'set a variable, or keep one of the caller; repeatable').argParser(
    many,
  ),
  new Option('--clean-env', 'pass no variables whose names look like secrets'),
  new Option('--cwd <dir>', 'working directory (default: the current one; / with --root)'),
  new Option('--user <id>', 'caller, or root (default: caller)').choices(['caller', 'root']),
  new Option('--nested-sandboxes', 'allow namespaces and mounts, for programs that make containers'),
  new Option('--io-uring', 'allow io_uring'),
  new Option('--capabilities <which>', 'what root keeps: auto, files, or none (default: auto)').choices([
    'auto',
    'files',
    'none',
  ]),
  new Option('--umask <octal>', 'file-mode creation mask, e.g. 022'),
  new Option(
    '--worker <start>',
    'the command is a script for Node.js: fork: in a fork of a warm process; spawn: in a fresh one',
  )
    .choices(['fork', 'spawn'])
    .conflicts('root'),
]

const outcome: Option[] = [
  new Option('--usage [format]', 'print on stderr what was used, as text; --usage=json for JSON').choices([
    'text',
    'json',
  ]),
  new Option('--usage-file <file>', 'write it there instead'),
  new Option(
    '--on-unsupported <mode>',
    'what the host cannot give: error, or warn and go on (default: error)',
  ).choices(['error', 'warn']),
]

const docker: Option[] = [
  new Option('--memory-swap <size>', 'memory and swap together; -1 = any swap'),
  new Option('--cpu-period <us>', 'period of the cpu quota, microseconds (default: 100000)'),
  new Option('--cpu-quota <us>', 'cpu time per period, microseconds').conflicts('cpus'),
  new Option('--cpu-shares <2-262144>', '--cpu-weight on the scale where 1024 is normal').conflicts(
    'cpuWeight',
  ),
  new Option('--cpuset-cpus <list>', '--cpuset').conflicts('cpuset'),
  new Option('--pids-limit <number>', '--pids; -1 = no limit').conflicts('pids'),
  new Option('--net <mode>', '--network').choices(['none', 'host']).conflicts('network'),
  new Option('-w, --workdir <dir>', '--cwd').conflicts('cwd'),
]

const groups: readonly [heading: string, options: Option[]][] = [
  ['Limits:', limits],
  ['Isolation:', isolation],
  ['Process:', process_],
  ['Outcome:', outcome],
  ["Docker's spellings:", docker],
]

const trailer = `
Exit status:
  the command's own; 128+n if signal n ended it, 137 also at the memory limit; 124 at the timeout; 125 if
  Glovebox failed; 126 if the command cannot be executed, 127 if there is none; of a test file: 0 if it passed
  each time, 1 if it failed, 125 if it could not be run, 130 if it was interrupted

Signals:
  SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH are passed on to the command;
  a second SIGINT or SIGTERM kills it

Examples:
  glovebox run --memory 256MiB --cpus 0.5 --timeout 30s -- npm test
  glovebox run -m 4G --memory-swap 4G --cpu-period 1000000 --cpu-quota 8000000 --usage -- make
  glovebox run --root ./rootfs --hostname box -- /bin/sh
  glovebox run test/cart.test.ts -t 'applies coupon' --runner vitest --under cpus=0.2 --times 20`
