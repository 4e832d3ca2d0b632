import type { SupervisorFailure, SupervisorHello } from './hello.js'
import type { HostKind } from './kind.js'

/** What the supervisor can be asked to try for real (its `probe` request). */
export const features = [
  'user',
  'pid',
  'net',
  'mount',
  'uts',
  'ipc',
  'cgroup',
  'time',
  'overlay',
  'seccomp',
  'netem',
] as const

export type Feature = (typeof features)[number]

/** All that was found out about the host: plain data, from which `doctorRows` makes the table. */
export interface Findings {
  kind: HostKind
  /** Release of the kernel, e.g. `6.8.0-45-generic`. */
  kernel: string
  supervisor: SupervisorFinding
  /** Controllers that the kernel has, whether or not this user may use them. */
  controllers: readonly ControllerFinding[]
  /** Paths below /proc that something is mounted over. */
  maskedProc: readonly string[]
  /** Hard RLIMIT_NOFILE; Node.js raises its own soft limit to it. Infinity = unlimited. */
  openFilesMax: number
  temp: TempFinding
  /** Why root keeps its capabilities for files in sandboxes here; `undefined`: it keeps none. */
  foreign?: string | undefined
  /** e.g. `20.20.2` */
  node: string
  /** Versions found from the current directory, `undefined` where there is none. */
  vitest: string | undefined
  jest: string | undefined
}

export type SupervisorFinding =
  /** It ran; each feature was tried in a process of its own. */
  | {
      state: 'ran'
      path: string
      hello: SupervisorHello
      features: Readonly<Record<Feature, FeatureFinding>>
    }
  /** It could not set itself up. */
  | { state: 'refused'; path: string; failure: SupervisorFailure }
  /** There is none for this machine; `message` has the remedy. */
  | { state: 'unavailable'; message: string }

export type FeatureFinding = { works: true } | { works: false; failure: SupervisorFailure }

export interface ControllerFinding {
  /** By its name on cgroup v2 where it has one: `io`, not `blkio`. */
  name: string
  version: 'v1' | 'v2'
}

export interface TempFinding {
  path: string
  /** Bytes that the caller may still write. */
  free: number
  /** Why a private directory with a small file could not be made there. */
  error: string | undefined
}
