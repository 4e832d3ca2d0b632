import type { AllowedName, Forward } from '../config/network-targets.js'

/** The fully resolved policy of one test file: plain data, made once by `resolveProfile`, never re-read from options. */
export interface Profile {
  limits: Limits
  network: NetworkPolicy
  hostname: string
  /** Mounts in the order in which the sandbox makes them; the first has target `/`. */
  mounts: readonly Mount[]
  /** Environment of the worker. */
  env: Readonly<Record<string, string>>
  /** Working directory inside the sandbox. */
  cwd: string
  /** File-mode creation mask, e.g. 0o022. `undefined`: the runner's own. */
  umask: number | undefined
  /** The user id that the worker sees: the caller's own, or 0. */
  user: 'caller' | 'root'
  /** What the worker may ask of the kernel beyond the usual. */
  confinement: Confinement
  /** Offsets of the sandbox's clocks against the host's, seconds. */
  time: { monotonic: number; boottime: number } | undefined
  /** What is copied back from the overlay: absolute globs (picomatch). */
  persist: readonly string[]
  /** Whether writes to the overlay that are not copied back fail the file. */
  strictWrites: 'report' | 'fail'
  /** Whether leaks fail the file. */
  leaks: 'report' | 'fail' | 'ignore'
}

/** `undefined` = no limit. */
export interface Limits {
  /** Hard cap, bytes. */
  memory: number | undefined
  /** V8's limit of the worker's old generation, below `memory`, bytes; flags of the user win. `undefined`: V8's own default. */
  heap: number | undefined
  /** Swap beyond memory, bytes. */
  swap: number
  /** CPUs' worth of time, e.g. 0.5. */
  cpus: number | undefined
  /** Period over which `cpus` is enforced, microseconds. */
  cpuPeriod: number
  /** Relative share, 1–10000, 100 = normal. */
  cpuWeight: number | undefined
  /** CPUs that may be used, e.g. `0-1,3`. */
  cpuset: string | undefined
  /** Processes and threads. */
  pids: number | undefined
  /** Wall clock of the file, milliseconds. */
  timeout: number | undefined
  /** Private file systems together (tmp, home, shm, overlay), bytes. */
  disk: number
  /** RLIMIT_NOFILE. */
  openFiles: number | undefined
  /** RLIMIT_FSIZE, bytes. */
  fileSize: number | undefined
  /** RLIMIT_CORE, bytes. */
  coreSize: number | undefined
  /** RLIMIT_STACK, bytes. */
  stackSize: number | undefined
  io: readonly IoLimit[]
  /** Huge pages by size, e.g. `{ '2MB': 4194304 }` bytes. */
  hugetlb: Readonly<Record<string, number>>
}

export interface Confinement {
  /** Namespaces and mounts of its own. */
  nestedSandboxes: boolean
  /** io_uring, whose operations no filter of system calls sees. */
  ioUring: boolean
  /** Those of root in its user namespace: what work with files of other owners needs, or none. */
  capabilities: 'files' | 'none'
}

export interface IoLimit {
  /** Block device, `MAJ:MIN`. */
  device: string
  /** Bytes per second. */
  readBps?: number
  writeBps?: number
  /** Operations per second. */
  readIops?: number
  writeIops?: number
}

/** `none`: own loopback only; `host`: the host's network, shared; an object: own loopback, and what it lets through. */
export type NetworkPolicy =
  | 'none'
  | 'host'
  | {
      /** One a port of the sandbox. */
      forward: readonly Forward[]
      allow: readonly AllowedName[]
      /** Whether refused names fail the file. */
      onBlocked: 'report' | 'fail'
      /** Absent: the network is as it is. */
      emulation?: Emulation
    }

/** Variables that may name services of the host, besides those of the environment. */
export type Mentions = Readonly<Record<string, string | undefined>>

/** What the network is made to be like; `undefined`: as it is in that. */
export interface Emulation {
  /** Milliseconds, each way. */
  latency: number | undefined
  /** Of packets, from 0 to 1. */
  loss: number | undefined
  /** Bytes a second, each way. */
  bandwidth: number | undefined
  dns: 'fail' | 'silent' | undefined
}

/** One step of making the sandbox's root; docs/protocol.md has the semantics. Paths are absolute. */
export type Mount =
  | { type: 'bind'; source: string; target: string; readonly?: boolean; optional?: boolean }
  | { type: 'overlay'; source: string; target: string }
  | { type: 'scratch'; target: string; mode: number; optional?: boolean }
  | { type: 'mask'; target: string; optional?: boolean }
  | { type: 'file'; target: string; content: string; optional?: boolean }
  | { type: 'proc'; target: string }
  | { type: 'dev'; target: string }
  /** The sandbox's own cgroups, read-only; left out where it has none. */
  | { type: 'cgroup'; target: string }
