import type { OuterPids } from '../host/outer-pids.js'
import type { Blocked, DiscardedWrite, Leak } from './usage.js'

/** Why a worker ended. Every kind but `passed-through` fails the file. */
export type Verdict =
  /** The runner's own result stands. */
  | { kind: 'passed-through' }
  | {
      kind: 'memory-limit'
      limit: number | undefined
      peak: number | undefined
      /** Processes that the kernel, or sampling, ended. */
      kills: number
      /** V8 gave up first: its heap limit, which Glovebox had set below `limit`, bytes. */
      heap?: number
    }
  | { kind: 'timeout'; limit: number; wall: number | undefined }
  /** Forks were refused and the file failed. */
  | { kind: 'pids-limit'; limit: number; peak: number | undefined; refused: number }
  /**
   * Forks were refused by a limit that holds outside of the sandbox, for other files as well, and the file failed. `limit`, `peak`: its
   * own, which it had not reached. `outer`: the nearest limit outside, `undefined` where none can be seen.
   */
  | {
      kind: 'outer-pids-limit'
      limit: number | undefined
      peak: number | undefined
      refused: number
      outer: OuterPids | undefined
    }
  /** The private file systems were full and the file failed. */
  | { kind: 'disk-limit'; limit: number; used: number | undefined }
  /** A signal that ends without a core: SIGKILL, SIGTERM …; `detail` is the reason that a kill by Glovebox was given. */
  | { kind: 'killed'; signal: string; by: 'glovebox' | 'unknown'; detail: string | undefined }
  /** A signal of a fault: SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS. */
  | {
      kind: 'crashed'
      signal: string /** V8 gave up: its own heap limit was reached, not the sandbox's. */
      heapExhausted: boolean
    }
  /** The process ended by itself before the file was done. */
  | { kind: 'exited'; code: number }
  /** It failed because it listens on ports that its network policy forwards. */
  | { kind: 'port-forwarded'; ports: readonly number[] }
  /** It asked for hosts that its network policy does not allow, with `onBlocked: 'fail'`. */
  | { kind: 'network-blocked'; blocked: readonly Blocked[] }
  /** It wrote what is not copied back, with `filesystem.strictWrites: 'fail'`. */
  | { kind: 'unexpected-writes'; writes: readonly DiscardedWrite[] }
  | { kind: 'leaked'; leaks: readonly Leak[] }
  /** Ours, never the test's. */
  | {
      kind: 'sandbox-error'
      stage: string
      errno: number | undefined
      path: string | undefined
      message: string
    }

export type VerdictKind = Verdict['kind']
