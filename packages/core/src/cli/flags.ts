import { resolve } from 'node:path'
import type { GloveboxOptions, LimitOptions } from '../config/options.js'
import { parseBytes } from '../config/units.js'
import { GloveboxError } from '../errors.js'
import type { TestFlags } from './test-file.js'

export type ProjectMode = 'overlay' | 'readonly' | 'direct'

/** What commander makes of the command line of `glovebox run`; values are still as typed. */
export interface RunFlags extends TestFlags {
  memory?: string
  swap?: string
  cpus?: string
  cpuWeight?: string
  cpuset?: string
  pids?: string
  disk?: string
  openFiles?: string
  fileSize?: string
  coreSize?: string
  stackSize?: string
  io?: string[]
  hugetlb?: string[]
  timeout?: string
  network?: 'none' | 'host'
  forward?: string[]
  allow?: string[]
  latency?: string
  loss?: string
  bandwidth?: string
  dns?: 'fail' | 'silent'
  hostname?: string
  root?: string
  project?: ProjectMode
  writable?: string[]
  readonly?: string[]
  hide?: string[]
  clockOffset?: string[]
  cwd?: string
  env?: string[]
  cleanEnv?: true
  user?: 'caller' | 'root'
  nestedSandboxes?: true
  ioUring?: true
  capabilities?: 'auto' | 'files' | 'none'
  umask?: string
  worker?: 'fork' | 'spawn'
  onUnsupported?: 'error' | 'warn'
  usage?: 'text' | 'json'
  usageFile?: string
  // Docker's spellings
  memorySwap?: string
  cpuPeriod?: string
  cpuQuota?: string
  cpuShares?: string
  cpusetCpus?: string
  pidsLimit?: string
  net?: 'none' | 'host'
  workdir?: string
}

/**
 * The flags as the options that a configuration file would hold, so that one planner serves both. Relative paths are meant from
 * `cwd`; `project` is the mode without --project. Pure. Throws GLOVEBOX_CONFIG where Docker's spellings contradict each other.
 */
export function optionsOf(flags: RunFlags, cwd: string, project: ProjectMode = 'direct'): GloveboxOptions {
  const paths = (list: string[] | undefined): string[] | undefined => list?.map((path) => resolve(cwd, path))
  return dropUndefined({
    limits: dropUndefined(limitsOf(flags)),
    network: networkOf(flags),
    hostname: flags.hostname,
    filesystem: dropUndefined({
      // With another root there is no project in the sandbox.
      project: flags.root === undefined ? (flags.project ?? project) : flags.project,
      writable: paths(flags.writable),
      readonly: paths(flags.readonly),
      hide: paths(flags.hide),
    }),
    root: flags.root === undefined ? undefined : resolve(cwd, flags.root),
    user: flags.user,
    env: environmentOf(flags),
    nestedSandboxes: flags.nestedSandboxes,
    ioUring: flags.ioUring,
    capabilities: flags.capabilities,
    umask: flags.umask,
    time: flags.clockOffset && clockOffsets(flags.clockOffset),
    onUnsupported: flags.onUnsupported,
  })
}

/** Where the command starts, as typed. */
export function workingDirectory(flags: RunFlags): string | undefined {
  return flags.cwd ?? flags.workdir
}

function limitsOf(flags: RunFlags): LimitOptions {
  return {
    // A command gets the limits that it is given; a test file has some by default.
    memory: flags.memory ?? 'none',
    swap: flags.swap ?? swapOf(flags),
    ...cpuQuotaOf(flags),
    cpuWeight: flags.cpuWeight ?? weightOf(flags.cpuShares),
    cpuset: flags.cpuset ?? flags.cpusetCpus,
    pids: flags.pids ?? (flags.pidsLimit === '-1' ? 'none' : flags.pidsLimit) ?? 'none',
    disk: flags.disk,
    openFiles: flags.openFiles,
    fileSize: flags.fileSize,
    coreSize: flags.coreSize,
    stackSize: flags.stackSize,
    io: flags.io,
    hugetlb: flags.hugetlb,
    timeout: flags.timeout ?? 'none',
  }
}

/** --forward and --allow open what --network none closes; the others make what there is worse. */
function networkOf(flags: RunFlags): GloveboxOptions['network'] {
  const mode = flags.network ?? flags.net
  const { forward, allow, latency, loss, bandwidth, dns } = flags
  const policy = dropUndefined({ forward, allow, latency, loss, bandwidth, dns })
  const [first] = Object.entries(policy ?? {})
  if (first === undefined) return mode
  if (mode === 'host') {
    const [name, value] = first
    const message = 'it has no meaning with --network host, which shares the whole network'
    throw bad(`--${name}`, [value].flat().join(' '), message)
  }
  return policy
}

/** Docker's `--memory-swap` is memory and swap together; `-1` lifts the limit on swap. */
function swapOf({ memory, memorySwap }: RunFlags): number | undefined {
  if (memorySwap === undefined) return undefined
  if (memorySwap === '-1') return Number.MAX_SAFE_INTEGER
  if (memory === undefined) throw bad('--memory-swap', memorySwap, 'it needs --memory, which it includes')
  const total = parseBytes(memorySwap)
  if (total === undefined) throw bad('--memory-swap', memorySwap, 'a size is needed, e.g. 4G')
  // What is wrong with --memory the schema says better.
  const swap = total - (parseBytes(memory) ?? 0)
  if (swap < 0)
    throw bad('--memory-swap', memorySwap, `it includes --memory ${memory}, so it must not be less`)
  return swap
}

/** Docker's quota and period are microseconds; the period may also go with --cpus. */
function cpuQuotaOf({ cpus, cpuPeriod, cpuQuota }: RunFlags): LimitOptions {
  const period = cpuPeriod === undefined ? undefined : microseconds('--cpu-period', cpuPeriod)
  if (period !== undefined && period % 1000 !== 0) {
    throw bad('--cpu-period', cpuPeriod ?? '', 'whole milliseconds are needed, e.g. 50000')
  }
  const quota =
    cpuQuota === undefined || cpuQuota === '-1' ? undefined : microseconds('--cpu-quota', cpuQuota)
  return {
    cpus: quota === undefined ? cpus : quota / (period ?? 100000),
    cpuPeriod: period === undefined ? undefined : period / 1000,
  }
}

/** Docker's shares are cgroup v1's: 2–262144, where 1024 is what 100 is as a weight. */
function weightOf(shares: string | undefined): number | undefined {
  if (shares === undefined || shares === '0') return undefined
  const value = Number(shares)
  if (!(Number.isInteger(value) && value >= 2 && value <= 262144)) {
    throw bad('--cpu-shares', shares, 'a whole number from 2 to 262144 is needed')
  }
  return Math.min(10000, Math.max(1, Math.round((value * 100) / 1024)))
}

/** `NAME=value` sets; a bare `NAME` passes the caller's own on, even when `--clean-env` would take it for a secret. */
function environmentOf({ env = [], cleanEnv }: RunFlags): GloveboxOptions['env'] {
  return dropUndefined({
    base: cleanEnv ? ('clean' as const) : undefined,
    set: env.filter((entry) => entry.includes('=')),
    keep: env.filter((entry) => !entry.includes('=')),
  })
}

/** `2h` moves both clocks; `boottime=1d` moves one. */
function clockOffsets(values: readonly string[]): { monotonic?: string; boottime?: string } {
  const offsets: { monotonic?: string; boottime?: string } = {}
  for (const value of values) {
    const [, clock, offset = ''] = /^(?:(monotonic|boottime)=)?(.*)$/.exec(value) ?? []
    if (clock !== 'boottime') offsets.monotonic = offset
    if (clock !== 'monotonic') offsets.boottime = offset
  }
  return offsets
}

function microseconds(flag: string, text: string): number {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 1000))
    throw bad(flag, text, 'microseconds are needed, 1000 or more')
  return value
}

function bad(flag: string, value: string, why: string): GloveboxError {
  return new GloveboxError('GLOVEBOX_CONFIG', `${flag} ${value}: ${why}`)
}

/** Absent and undefined mean the same to the schema; absent reads better in its messages. */
function dropUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
