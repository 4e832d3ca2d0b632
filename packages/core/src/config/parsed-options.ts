/** Options as they are after validation: units resolved to numbers. */
import type { AllowedName, Forward } from './network-targets.js'
import type {
  DnsFault,
  EnvBase,
  FilesystemOptions,
  FlakyPolicy,
  ReportTable,
  Unlimited,
  WorkerStart,
} from './options.js'

/** Options after validation. What the user left out is absent; defaults are applied in plan/. */
export interface ParsedOptions extends ParsedFileOptions {
  onUnsupported: 'error' | 'warn'
  worker: WorkerStart
  preload: readonly string[]
  overrides: readonly ParsedOverride[]
  report: ReportOptions
  flaky: FlakyOptions
  /** How often each file is run on purpose; absent = once. */
  stress?: number | undefined
}

export interface FlakyOptions {
  /** How often each file is run on purpose, from `stress`; absent = once. */
  stress?: number | undefined
  /** How often a file that fails is run again, at most. */
  retries: number
  policy: FlakyPolicy
  /** Path of the database of all runs, relative to the root; absent = none is kept. */
  history?: string | undefined
}

export interface ReportOptions {
  table: ReportTable
  /** Paths of reports, relative to the root; absent = none. */
  json?: string | undefined
  junit?: string | undefined
  ctrf?: string | undefined
  /** Annotations and a job summary where GitHub Actions runs this. */
  github: 'auto' | 'off'
}

export type ParsedOverride = ParsedFileOptions & { files: readonly string[] }

export interface ParsedFileOptions {
  limits?: ParsedLimits | undefined
  network?: ParsedNetwork | undefined
  hostname?: string | undefined
  filesystem?: FilesystemOptions | undefined
  root?: string | undefined
  user?: 'caller' | 'root' | undefined
  env?:
    | {
        base?: EnvBase | undefined
        set?: Record<string, string> | undefined
        unset?: string[] | undefined
        keep?: string[] | undefined
      }
    | undefined
  nestedSandboxes?: boolean | undefined
  ioUring?: boolean | undefined
  capabilities?: 'auto' | 'files' | 'none' | undefined
  umask?: number | undefined
  /** Seconds. */
  time?: { monotonic?: number | undefined; boottime?: number | undefined } | undefined
  leaks?: 'report' | 'fail' | 'ignore' | undefined
}

export type ParsedNetwork =
  | 'none'
  | 'host'
  | {
      forward?: (Forward | 'auto')[] | undefined
      allow?: AllowedName[] | undefined
      onBlocked?: 'report' | 'fail' | undefined
      /** Milliseconds. */
      latency?: number | undefined
      /** From 0 to 1. */
      loss?: number | undefined
      /** Bytes a second. */
      bandwidth?: number | undefined
      dns?: DnsFault | undefined
    }

/** Bytes, milliseconds (`timeout`), microseconds (`cpuPeriod`), counts. */
export interface ParsedLimits {
  memory?: number | Unlimited | undefined
  swap?: number | undefined
  cpus?: number | undefined
  cpuPeriod?: number | undefined
  cpuWeight?: number | undefined
  cpuset?: string | undefined
  pids?: number | Unlimited | undefined
  timeout?: number | Unlimited | undefined
  disk?: number | undefined
  openFiles?: number | undefined
  fileSize?: number | undefined
  coreSize?: number | undefined
  stackSize?: number | undefined
  io?: ParsedIo[] | undefined
  hugetlb?: Record<string, number> | undefined
}

export interface ParsedIo {
  device: string
  readBps?: number | undefined
  writeBps?: number | undefined
  readIops?: number | undefined
  writeIops?: number | undefined
}
