/**
 * Options as a user writes them (`GloveboxOptions`); parsed-options.ts has them after validation. Units and defaults: docs/reference.md, which is generated from schema.ts.
 */

/** Bytes: a number, or a string such as `256MiB`, `1.5GiB`, `512MB` (10^6), `4g` (2^30, as Docker has it). */
export type Bytes = number | string
/** Milliseconds: a number, or a string such as `30s`, `5m`. */
export type Duration = number | string
/** A string where it stands in a docblock. */
export type Switch = boolean | 'true' | 'false'
/** Takes a default limit away. */
export type Unlimited = 'none'

export interface GloveboxOptions extends FileOptions {
  /** What happens when the host cannot give a promised isolation. Default `error`. */
  onUnsupported?: 'error' | 'warn' | undefined
  /** How a worker begins: forked from a warm template, started afresh, or (`auto`) forked where that is known to work. */
  worker?: WorkerStart | undefined
  /** Modules that are imported before workers are forked, as `react`. */
  preload?: string[] | undefined
  /** Options of the files that match; later entries win. Globs are relative to the runner's root. */
  overrides?: (FileOptions & { files: string | string[] })[] | undefined
  /** Whether a file that failed is run again, to tell a flaky file from a broken one. */
  flaky?:
    | {
        retries?: number | string | undefined
        policy?: FlakyPolicy | undefined
        history?: string | undefined
      }
    | undefined
  /** How often each file is run, to see whether it always passes: for the command line, `--glovebox.stress 20`. */
  stress?: number | string | undefined
  /** What is reported after the run. A string is short for `{ table }`. */
  report?:
    | ReportTable
    | {
        table?: ReportTable | undefined
        json?: string | undefined
        junit?: string | undefined
        ctrf?: string | undefined
        github?: 'auto' | 'off' | undefined
      }
    | undefined
}

/** What a file gets that failed, and passed when it was run again. */
export type FlakyPolicy = 'fail' | 'warn'

export type WorkerStart = 'auto' | 'fork' | 'spawn'

/** `auto`: only what stands out; `full`: every file. */
export type ReportTable = 'auto' | 'full' | 'off'

/** Options that may differ from file to file: top level, `overrides`, docblock pragmas. */
export interface FileOptions {
  limits?: LimitOptions | undefined
  /** `none`: own loopback only. `host`: the host's network, shared. An object: what may be reached besides the own loopback. */
  network?: 'none' | 'host' | NetworkOptions | undefined
  hostname?: string | undefined
  filesystem?: FilesystemOptions | undefined
  /** Directory that becomes `/`, writes to it being discarded. */
  root?: string | undefined
  /** The user id that the test sees: the caller's own, or 0. */
  user?: 'caller' | 'root' | undefined
  /** A string is short for `{ base }`. */
  env?: EnvBase | EnvOptions | undefined
  /** May a test make namespaces and mounts of its own, as a suite that tests containers does? */
  nestedSandboxes?: Switch | undefined
  /** May a test use io_uring? */
  ioUring?: Switch | undefined
  /** What root may do with files of other owners in its sandbox, or nothing. */
  capabilities?: 'auto' | 'files' | 'none' | undefined
  /** File-mode creation mask: octal as a string (`'022'`), or a number (`0o022`). */
  umask?: string | number | undefined
  /** Offsets of the sandbox's clocks against the host's. */
  time?: { monotonic?: Duration | undefined; boottime?: Duration | undefined } | undefined
  /** What outlives a file: only reported, fails it, or is not looked at. */
  leaks?: 'report' | 'fail' | 'ignore' | undefined
}

export interface NetworkOptions {
  /** Ports of the own loopback that lead outside: `5432`, `db:5432`, `15432:db:5432`; `auto`: those that the environment names. */
  forward?: string | number | (string | number)[] | undefined
  /** Hosts outside that may be reached by name: `api.example.com:443`, `*.example.com:443`, `*.internal:*`. */
  allow?: string | string[] | undefined
  /** Names that are not allowed are reported, or fail the file. */
  onBlocked?: 'report' | 'fail' | undefined
  /** How long every packet takes, each way. */
  latency?: Duration | undefined
  /** How many packets are lost: `0.01`, `'1%'`. */
  loss?: number | string | undefined
  /** How much passes each way in a second: bytes, `'1MB'`. */
  bandwidth?: Bytes | undefined
  /** The resolver answers as one does that is broken, or not at all. */
  dns?: DnsFault | undefined
}

export type DnsFault = 'fail' | 'silent'

export interface LimitOptions {
  memory?: Bytes | Unlimited | undefined
  swap?: Bytes | undefined
  cpus?: number | string | undefined
  cpuPeriod?: Duration | undefined
  cpuWeight?: number | string | undefined
  cpuset?: string | number | undefined
  pids?: number | string | undefined
  timeout?: Duration | Unlimited | undefined
  disk?: Bytes | undefined
  openFiles?: number | string | undefined
  fileSize?: Bytes | undefined
  coreSize?: Bytes | undefined
  stackSize?: Bytes | undefined
  /** Caps per block device; a string reads `8:0 readBps=1MiB writeIops=100`. */
  io?: (IoOptions | string)[] | undefined
  /** Huge pages by size, `{ '2MB': '64MiB' }`; strings read `2MB=64MiB`. */
  hugetlb?: Record<string, Bytes> | string[] | undefined
}

export interface IoOptions {
  /** `MAJ:MIN`, as in /proc/partitions. */
  device: string
  readBps?: Bytes | undefined
  writeBps?: Bytes | undefined
  readIops?: number | string | undefined
  writeIops?: number | string | undefined
}

export interface FilesystemOptions {
  /** `overlay`: writes go to a private layer. `readonly`: they fail. `direct`: they reach the host. */
  project?: 'overlay' | 'readonly' | 'direct' | undefined
  /** Globs, relative to the root, that are copied back from the overlay, besides what the runner itself writes. */
  persist?: string[] | undefined
  /** Writes to the overlay that are not copied back are reported, or fail the file. */
  strictWrites?: 'report' | 'fail' | undefined
  /** Paths that the test must not see, besides the default ones. `~` is the home directory; relative to the root. */
  hide?: string[] | undefined
  /** Existing paths of the host that the test may write. */
  writable?: string[] | undefined
  /** Existing paths of the host that stay visible, although a private directory would hide them. */
  readonly?: string[] | undefined
}

/** `inherit`: the runner's environment. `clean`: the same without variables whose name says that they are secret. */
export type EnvBase = 'inherit' | 'clean'

export interface EnvOptions {
  base?: EnvBase | undefined
  /** Variables to set; strings read `NAME=value`. */
  set?: Record<string, string> | string[] | undefined
  /** Names to take away; `*` stands for any text. */
  unset?: string[] | undefined
  /** Names that `clean` leaves although they look like secrets. */
  keep?: string[] | undefined
}
