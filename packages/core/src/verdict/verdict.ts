import type { Leak, Usage } from './usage.js'

/** Why a worker ended. Every kind but `passed-through` fails the file. */
export type Verdict =
  /** The runner's own result stands. */
  | { kind: 'passed-through' }
  | { kind: 'memory-limit'; limit: number | undefined; peak: number | undefined; kills: number }
  | { kind: 'timeout'; limit: number; wall: number | undefined }
  /** Forks were refused and the file failed. */
  | { kind: 'pids-limit'; limit: number; peak: number | undefined; refused: number }
  /** The private file systems were full and the file failed. */
  | { kind: 'disk-limit'; limit: number; used: number | undefined }
  /** A signal that ends without a core: SIGKILL, SIGTERM …; `by` says who sent it, where that is known. */
  | { kind: 'killed'; signal: string; by: 'itself' | 'glovebox' | 'unknown' }
  /** A signal of a fault: SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS. */
  | { kind: 'crashed'; signal: string }
  /** The process ended by itself before the file was done. */
  | { kind: 'exited'; code: number }
  | { kind: 'leaked'; leaks: readonly Leak[] }
  /** Ours, never the test's. */
  | { kind: 'sandbox-error'; stage: string; errno: number | undefined; path: string | undefined; message: string }

export type VerdictKind = Verdict['kind']
