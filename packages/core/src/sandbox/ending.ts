import type { Blocked, Leak, Usage } from '../verdict/usage.js'

/** All that the supervisor says of a sandbox's end: the raw facts from which `classify` makes the verdict. */
export interface Ending {
  /** First cause; later ones are not recorded. */
  cause:
    | { kind: 'exit' }
    | { kind: 'memory' }
    | { kind: 'timeout' }
    | { kind: 'killed'; detail: string }
    | { kind: 'init-died' }
    | { kind: 'exec-failed'; stage: string; errno: number; path: string }
    /** The supervisor itself went away. */
    | { kind: 'supervisor-died'; detail: string }
  /** Exit code of the worker, if it exited. */
  code: number | undefined
  /** Signal that ended the worker, e.g. `SIGKILL`. */
  signal: NodeJS.Signals | undefined
  hits: { memory: number; pids: number; disk: boolean }
  usage: Usage
  leaks: readonly Leak[]
  /** What was tried on the network in vain; each once, in the order in which it was first tried. */
  blocked: readonly Blocked[]
}
