import type { OuterPids } from '../host/outer-pids.js'
import type { Limits, Profile } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'
import { processLimit } from './process-limits.js'
import type { Blocked, DiscardedWrite } from './usage.js'
import type { Verdict } from './verdict.js'

/** Everything that a verdict is decided from. */
export interface Evidence {
  ending: Ending
  profile: Pick<Profile, 'leaks'> &
    Partial<Pick<Profile, 'network' | 'strictWrites'>> & {
      limits: Pick<Limits, 'memory' | 'pids' | 'timeout' | 'disk'>
    }
  /** What the runner thinks of the file; `undefined` = it was not done. */
  outcome: 'passed' | 'failed' | undefined
  /** What it tried on the network in vain, as the supervisor (`ending`) and the worker know it. */
  blocked?: readonly Blocked[]
  /** What it wrote in vain. */
  writes?: readonly DiscardedWrite[]
  /** An error of the file was ENOSPC. */
  noSpace?: boolean
  /** Processes of which the worker, or an error of the file, said that they were refused. */
  forksRefused?: number
  /** Whether the kernel, or the supervisor, counts what the file's own limit refuses: true by default. */
  countsForks?: boolean
  /** Limits of processes that hold outside of the sandbox. */
  outerPids?: readonly OuterPids[]
  /** Ports that errors of the file said are taken. */
  portsInUse?: readonly number[]
  /** The worker's stderr held V8's message that its heap is exhausted. */
  heapExhausted?: boolean
  /** V8's heap limit, where it is ours and not the user's: below the one on memory, bytes. */
  heapLimit?: number | undefined
}

/** Why the worker ended. The first cause wins; what is ours is never blamed on the test. Pure. */
export function classify(evidence: Evidence): Verdict {
  return (
    sandboxError(evidence) ??
    limit(evidence) ??
    starved(evidence) ??
    conflicting(evidence) ??
    death(evidence) ??
    refused(evidence) ??
    strict(evidence) ??
    leaked(evidence)
  )
}

function sandboxError({ ending: { cause, hits } }: Evidence): Verdict | undefined {
  switch (cause.kind) {
    case 'supervisor-died':
      return broken('supervisor', undefined, undefined, cause.detail)
    case 'exec-failed':
      return broken(cause.stage, cause.errno, cause.path || undefined, 'the worker could not be started')
    case 'init-died':
      // Under memory pressure the kernel may choose the init.
      return hits.memory > 0
        ? undefined
        : broken('init', undefined, undefined, 'the first process of the sandbox died unexpectedly')
    default:
      return undefined
  }
}

function broken(
  stage: string,
  errno: number | undefined,
  path: string | undefined,
  message: string,
): Verdict {
  return { kind: 'sandbox-error', stage, errno, path, message }
}

/** Limits whose hit fails the file whatever its outcome: something of it was killed. */
function limit({ ending, profile: { limits } }: Evidence): Verdict | undefined {
  const { cause, hits, usage } = ending
  if (cause.kind === 'timeout') return { kind: 'timeout', limit: limits.timeout ?? 0, wall: usage.wall }
  if (cause.kind === 'memory' || hits.memory > 0) {
    return {
      kind: 'memory-limit',
      limit: limits.memory,
      peak: usage.memoryPeak,
      kills: Math.max(hits.memory, 1),
    }
  }
  // Where no cgroup refuses forks, the supervisor ends a sandbox that grew beyond its limit.
  if (cause.kind === 'killed' && cause.detail === 'pids' && hits.pids > 0) {
    return { kind: 'pids-limit', limit: limits.pids ?? 0, peak: usage.pidsPeak, refused: hits.pids }
  }
  return undefined
}

/** Limits that refuse, which a test may well expect: they count only where the file did not pass. */
function starved(evidence: Evidence): Verdict | undefined {
  const { ending, profile, outcome, noSpace } = evidence
  const { cause, hits, usage } = ending
  if (outcome === 'passed' || cause.kind === 'killed') return undefined
  const processes = processLimit(evidence)
  if (processes) return processes
  if (hits.disk || noSpace) return { kind: 'disk-limit', limit: profile.limits.disk, used: usage.diskBytes }
  return undefined
}

/** A port of the sandbox that leads outside is not the file's to listen on. */
function conflicting({
  ending,
  profile: { network },
  outcome,
  portsInUse = [],
}: Evidence): Verdict | undefined {
  if (outcome !== 'failed' || ending.cause.kind === 'killed' || typeof network !== 'object') return undefined
  const ports = network.forward.map(({ port }) => port).filter((port) => portsInUse.includes(port))
  return ports.length > 0 ? { kind: 'port-forwarded', ports } : undefined
}

/** Signals of a fault, against those that only end a process. */
const faults = new Set(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'])

/** The worker did not end of its own accord with the file done. */
function death({
  ending,
  outcome,
  profile: { limits },
  heapExhausted = false,
  heapLimit,
}: Evidence): Verdict | undefined {
  const { cause, code, signal, usage } = ending
  if (cause.kind === 'killed') {
    // Done, but it would not go: then how it went is of no interest.
    return outcome === undefined
      ? { kind: 'killed', signal: 'SIGKILL', by: 'glovebox', detail: cause.detail || undefined }
      : undefined
  }
  if (signal !== undefined) {
    if (heapExhausted && heapLimit !== undefined)
      return { kind: 'memory-limit', limit: limits.memory, peak: usage.memoryPeak, kills: 0, heap: heapLimit }
    return faults.has(signal)
      ? { kind: 'crashed', signal, heapExhausted }
      : { kind: 'killed', signal, by: 'unknown', detail: undefined }
  }
  return outcome === undefined ? { kind: 'exited', code: code ?? 0 } : undefined
}

/**
 * A target that does not answer is the target's fault; a name that is not allowed is the file's, and so is an address elsewhere. A name
 * that only the worker saw fail is one that is allowed and does not exist.
 */
function refused({ ending, profile: { network }, blocked = ending.blocked }: Evidence): Verdict | undefined {
  if (typeof network !== 'object' || network.onBlocked !== 'fail') return undefined
  const names = ending.blocked.filter(({ kind }) => kind === 'name').map(({ host }) => host)
  const wrong = blocked.filter(
    ({ kind, host }) => kind === 'address' || (kind === 'name' && names.includes(host)),
  )
  return wrong.length > 0 ? { kind: 'network-blocked', blocked: wrong } : undefined
}

function strict({ profile, writes = [] }: Evidence): Verdict | undefined {
  return profile.strictWrites === 'fail' && writes.length > 0
    ? { kind: 'unexpected-writes', writes }
    : undefined
}

function leaked({ ending: { leaks }, profile }: Evidence): Verdict {
  return profile.leaks === 'fail' && leaks.length > 0 ? { kind: 'leaked', leaks } : { kind: 'passed-through' }
}
