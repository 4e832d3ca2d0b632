import os from 'node:os'
import type { Blocked, Leak, Usage } from '../verdict/usage.js'
import type { Ending } from './ending.js'
import type { Message } from './protocol.js'

const usageKeys: Readonly<Record<string, keyof Usage>> = {
  'usage.memory.peak': 'memoryPeak',
  'usage.cpu.user': 'cpuUser',
  'usage.cpu.system': 'cpuSystem',
  'usage.cpu.throttled': 'cpuThrottled',
  'usage.cpu.periods': 'cpuPeriods',
  'usage.cpu.throttledPeriods': 'cpuThrottledPeriods',
  'usage.pids.peak': 'pidsPeak',
  'usage.io.readBytes': 'ioReadBytes',
  'usage.io.writeBytes': 'ioWriteBytes',
  'usage.io.reads': 'ioReads',
  'usage.io.writes': 'ioWrites',
  'usage.oomKills': 'oomKills',
  'usage.contextSwitches.voluntary': 'contextSwitchesVoluntary',
  'usage.contextSwitches.involuntary': 'contextSwitchesInvoluntary',
  'usage.disk.bytes': 'diskBytes',
  'usage.wall': 'wall',
}

/** The usage keys of a reply or an exit event. Pure. */
export function decodeUsage(message: Message): Usage {
  const usage: Usage = {}
  for (const [key, name] of Object.entries(usageKeys)) {
    const value = message.number(key)
    if (value !== undefined) usage[name] = value
  }
  return usage
}

/** An `exit` event. Pure. */
export function decodeEnding(message: Message): Ending {
  return {
    cause: decodeCause(message),
    code: message.number('code'),
    signal: signalName(message.number('signal')),
    hits: {
      memory: message.number('hit.memory') ?? 0,
      pids: message.number('hit.pids') ?? 0,
      disk: message.get('hit.disk') === '1',
    },
    usage: decodeUsage(message),
    leaks: message.groups('leak').map(decodeLeak),
    blocked: [],
  }
}

/** A `network` event. Pure. */
export function decodeBlocked(message: Message): Blocked {
  const port = message.number('port')
  const at = message.number('time')
  return {
    kind: message.get('blocked') === 'name' ? 'name' : 'unreachable',
    host: message.need('host'),
    ...(port !== undefined && { port }),
    ...(at !== undefined && { at }),
  }
}

/** How a sandbox ended that the supervisor can no longer tell of. */
export function endedWithout(cause: Ending['cause']): Ending {
  return {
    cause,
    code: undefined,
    signal: undefined,
    hits: { memory: 0, pids: 0, disk: false },
    usage: {},
    leaks: [],
    blocked: [],
  }
}

function decodeCause(message: Message): Ending['cause'] {
  const cause = message.need('cause')
  switch (cause) {
    case 'exit':
    case 'memory':
    case 'timeout':
    case 'init-died':
      return { kind: cause }
    case 'killed':
      return { kind: 'killed', detail: message.get('cause.detail') ?? '' }
    case 'exec-failed':
      return {
        kind: 'exec-failed',
        stage: message.get('stage') ?? 'exec',
        errno: message.number('errno') ?? 0,
        path: message.get('path') ?? '',
      }
    default:
      // A newer supervisor; whatever it was, the sandbox did not end well.
      return { kind: 'supervisor-died', detail: `unknown cause \`${cause}\`` }
  }
}

function decodeLeak(leak: Message): Leak {
  return leak.get('leak') === 'listener'
    ? { kind: 'listener', address: leak.get('leak.address') ?? '' }
    : { kind: 'process', pid: leak.number('leak.pid') ?? 0, command: leak.get('leak.command') ?? '' }
}

// Reversed, so that of two names for a number the first one stays: SIGABRT, not SIGIOT.
const signalNames = new Map(
  Object.entries(os.constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
)

/** `SIGKILL` for 9; real-time signals as `SIGRTMIN+n`, which Node.js has no name for. */
export function signalName(number: number | undefined): NodeJS.Signals | undefined {
  if (number === undefined) return undefined
  return (signalNames.get(number) ?? `SIGRTMIN+${number - 34}`) as NodeJS.Signals
}
