import { errnoName } from '../host/errno.js'
import { scarcityRemedies } from '../host/explain.js'
import { formatBytes, formatDuration } from './format.js'
import { outerRemedy } from './process-limits.js'
import type { Blocked, Leak } from './usage.js'
import type { Verdict } from './verdict.js'
import { describeWrites } from './writes.js'

export interface Explanation {
  /** One sentence: what happened, the limit and the measured peak. */
  message: string
  /** What to write to let the file have more; `undefined` where it is the test that must change. */
  remedy: string | undefined
}

/**
 * A verdict in words. `source`: where the options stand, e.g. `vitest.config.ts`. `undefined` for `passed-through`, of which
 * there is nothing to say. Pure.
 */
export function explain(verdict: Verdict, source: string): Explanation | undefined {
  switch (verdict.kind) {
    case 'passed-through':
      return undefined
    case 'memory-limit':
      return memory(verdict, source)
    case 'timeout':
      return {
        message: `Timeout: the file ran longer than its limit of ${formatDuration(verdict.limit)}${verdict.wall === undefined ? '' : ` (stopped after ${formatDuration(verdict.wall)})`} and was killed.`,
        remedy: raise('timeout', formatDuration(verdict.limit * 2), source),
      }
    case 'pids-limit':
      return {
        message: `Process limit: ${times(verdict.refused, 'fork')} refused because the file may have ${verdict.limit} processes and threads${peak(verdict.peak?.toString())}.`,
        remedy: raise('pids', String(verdict.limit * 2), source),
      }
    case 'outer-pids-limit':
      return { message: outerProcesses(verdict), remedy: outerRemedy(verdict.outer) }
    case 'disk-limit':
      return {
        message: `Disk limit: the file's private file systems (temporary files, home, writes to the project) may hold ${formatBytes(verdict.limit)} and were full${verdict.used === undefined ? '' : ` (${formatBytes(verdict.used)} at the end)`}.`,
        remedy: raise('disk', formatBytes(verdict.limit * 2), source),
      }
    case 'killed':
      return killed(verdict)
    case 'crashed':
      return crashed(verdict)
    case 'exited':
      return {
        message: `Exited: the process of the file ended with code ${verdict.code} before the file was done.`,
        remedy: 'Look for process.exit() and for an error in the output above.',
      }
    case 'port-forwarded':
      return {
        message: `Port taken: the file listens on ${ports(verdict.ports)}, which its network policy forwards to a service outside.`,
        remedy: `Listen on another port, or forward the service under another number, as in ${spellings('forward', '15432:localhost:5432', `network: { forward: ['15432:localhost:5432'] }`, source)}.`,
      }
    case 'network-blocked':
      return blockedNames(verdict, source)
    case 'unexpected-writes':
      return {
        message: `Unexpected writes: the file ${describeWrites(verdict.writes)} in the project, where its changes are discarded.`,
        remedy: `Write to os.tmpdir() instead, keep it (\`persist\`), or only report it: ${spellings('strict-writes', 'report', `filesystem: { strictWrites: 'report' }`, source)}.`,
      }
    case 'leaked':
      return {
        message: `Leaked: when the file was done there ${verdict.leaks.length === 1 ? 'was' : 'were'} still ${verdict.leaks.map(describeLeak).join(', ')}.`,
        remedy: `End what the test starts (afterAll), or only report it: ${spellings('leaks', 'report', `leaks: 'report'`, source)}.`,
      }
    case 'sandbox-error':
      return sandboxError(verdict)
  }
}

/** Both parts, the remedy on a line of its own; '' for `passed-through`. */
export function explanationText(verdict: Verdict, source: string): string {
  const explanation = explain(verdict, source)
  return [explanation?.message, explanation?.remedy].filter(Boolean).join('\n')
}

export function describeLeak(leak: Leak): string {
  return leak.kind === 'process' ? `process ${leak.pid} (${leak.command})` : `a listener on ${leak.address}`
}

/** `api.stripe.com`, `db:5432`. */
export function describeBlocked({ host, port }: Blocked): string {
  return port === undefined ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`
}

type Of<Kind extends Verdict['kind']> = Extract<Verdict, { kind: Kind }>

function memory(verdict: Of<'memory-limit'>, source: string): Explanation {
  if (verdict.heap !== undefined && verdict.limit !== undefined) {
    return {
      message: `Memory limit: V8's heap reached the ${formatBytes(verdict.heap)} that it may have of the file's ${formatBytes(verdict.limit)}, and gave up; its own message and stack are in the output above${peak(verdict.peak === undefined ? undefined : formatBytes(verdict.peak))}.`,
      remedy: raise('memory', formatBytes(verdict.limit * 2), source),
    }
  }
  const killed = `${times(verdict.kills, 'process', 'processes')} killed`
  if (verdict.limit === undefined) {
    return {
      message: `Memory: the host ran out of memory, ${killed}${peak(verdict.peak === undefined ? undefined : formatBytes(verdict.peak))}.`,
      remedy: `Run fewer workers at once, or cap this file: ${spellings('memory', '512MiB', `limits: { memory: '512MiB' }`, source)}.`,
    }
  }
  return {
    message: `Memory limit: the file needed more than its ${formatBytes(verdict.limit)}, ${killed}${peak(verdict.peak === undefined ? undefined : formatBytes(verdict.peak))}.`,
    remedy: raise('memory', formatBytes(verdict.limit * 2), source),
  }
}

function outerProcesses({ refused, limit, peak, outer }: Of<'outer-pids-limit'>): string {
  const own =
    limit === undefined
      ? 'the file has no limit of its own'
      : `the file had at most ${peak ?? 'some'} of the ${limit} processes and threads that it may have`
  const what =
    outer === undefined
      ? 'cannot be seen from here'
      : `was ${outer.name}, ${outer.limit} for all that run under it (${outer.used} in use)`
  return `Process limit outside of the sandbox: ${times(refused, 'fork')} refused although ${own}; the limit ${what}.`
}

function blockedNames({ blocked }: Of<'network-blocked'>, source: string): Explanation {
  const [first] = blocked
  const target = describeBlocked({
    kind: 'name',
    host: 'api.example.com',
    ...first,
    port: first?.port ?? 443,
  })
  const [setting, how] =
    first?.kind === 'address'
      ? ['forward', 'let a port of localhost lead to it']
      : ['allow', 'allow it (with the port that it needs)']
  return {
    message: `Network blocked: the file asked for ${blocked.map(describeBlocked).join(', ')}, which its network policy does not allow.`,
    remedy: `Stub it, or ${how}: ${spellings(setting, target, `network: { ${setting}: ['${target}'] }`, source)}.`,
  }
}

function killed(verdict: Of<'killed'>): Explanation {
  if (verdict.by === 'glovebox') {
    return {
      message: `Killed: Glovebox ended the file before it was done${verdict.detail ? ` (${verdict.detail})` : ''}.`,
      remedy: undefined,
    }
  }
  return {
    message: `Killed: the process of the file was ended by ${verdict.signal}, which no limit of Glovebox sent.`,
    remedy:
      'Look for process.kill() and for child processes that signal their parent or their group; from outside only an administrator of the host can have sent it.',
  }
}

function crashed(verdict: Of<'crashed'>): Explanation {
  if (verdict.heapExhausted) {
    return {
      message: `Crashed: V8 reached its own heap limit and ended the process with ${verdict.signal}; the memory limit of the sandbox was not reached.`,
      remedy:
        "Raise the heap limit: add '--max-old-space-size=4096' (MiB) to the runner's execArgv, and keep limits.memory above it.",
    }
  }
  return {
    message: `Crashed: the process of the file was ended by ${verdict.signal}, a fault in native code or an abort.`,
    remedy: 'Look for native addons, process.abort(), and the output above.',
  }
}

function sandboxError(verdict: Of<'sandbox-error'>): Explanation {
  const errno = verdict.errno ? errnoName(verdict.errno) : undefined
  const path = verdict.path ? ` (${verdict.path})` : ''
  return {
    message: `Sandbox error, not the test's: at ${verdict.stage}${path}: ${errno === undefined ? '' : `${errno}: `}${verdict.message}`,
    remedy: scarcityRemedies[errno ?? ''] ?? 'Run `npx glovebox doctor` to see what this host lacks.',
  }
}

function raise(key: string, value: string, source: string): string {
  const literal = /^\d+$/.test(value) ? value : `'${value}'`
  return `Raise it: ${spellings(key, value, `limits: { ${key}: ${literal} }`, source)}.`
}

function spellings(key: string, value: string, option: string, source: string): string {
  return `\`@glovebox-${key} ${value}\` in the docblock of the file, or \`${option}\` in the options of Glovebox (${source})`
}

function ports(numbers: readonly number[]): string {
  return `${numbers.length === 1 ? 'port' : 'ports'} ${numbers.join(', ')}`
}

function peak(value: string | undefined): string {
  return value === undefined ? '' : ` (peak ${value})`
}

function times(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one} was` : `${count} ${many} were`
}
