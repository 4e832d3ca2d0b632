import prettyBytes from 'pretty-bytes'
import { type HostFacts, parseCpuList } from '../host/facts.js'
import { checkNetwork } from './network-checks.js'
import type { ParsedFileOptions } from './parsed-options.js'
import type { Problem } from './problems.js'

/*
 * Checks of options that are valid one by one but contradict each other, or ask for what this host or Node.js cannot
 * give.
 */

export interface CheckContext {
  host: HostFacts
  /** A test runner will run in the sandbox, so Node.js has to fit into the limits. */
  runsTests: boolean
}

type Check = (options: ParsedFileOptions, context: CheckContext) => Problem | undefined | false

/** What is wrong with the merged options of one file. */
export function checkMerged(options: ParsedFileOptions, context: CheckContext): Problem[] {
  return mergedChecks.map((check) => check(options, context)).filter((problem) => typeof problem === 'object')
}

/** What is contradictory within one layer of options. */
export function checkLayer(options: ParsedFileOptions): Problem[] {
  return layerChecks.map((check) => check(options)).filter((problem) => typeof problem === 'object')
}

const mergedChecks: readonly Check[] = [
  (options) => checkNetwork(options),
  ({ limits }) =>
    limits?.swap !== undefined &&
    limits.swap > 0 &&
    typeof limits.memory !== 'number' &&
    problem(
      'limits.swap',
      size(limits.swap),
      'has no meaning without limits.memory',
      'Set limits.memory as well.',
    ),
  ({ limits }) =>
    limits?.cpuPeriod !== undefined &&
    limits.cpus === undefined &&
    problem(
      'limits.cpuPeriod',
      `${limits.cpuPeriod / 1000}ms`,
      'has no meaning without limits.cpus',
      'Set limits.cpus as well.',
    ),
  ({ limits }) => {
    // The kernel refuses quotas below 1 ms.
    const { cpus = 1, cpuPeriod = 100_000 } = limits ?? {}
    const message = `is less than 1 ms of each period of ${cpuPeriod / 1000} ms`
    return cpus * cpuPeriod < 1000 && problem('limits.cpus', cpus, message, 'Raise limits.cpuPeriod.')
  },
  ({ limits }) => {
    const isEmpty = (part: string) => part.includes('-') && parseCpuList(part).length === 0
    const part = limits?.cpuset?.split(',').find(isEmpty)
    return part !== undefined && problem('limits.cpuset', limits?.cpuset, `has an empty range (${part})`)
  },
  ({ limits }, { host }) => {
    const missing = parseCpuList(limits?.cpuset ?? '').filter((cpu) => !host.cpus.includes(cpu))
    const message = `names CPUs that this host does not have (${missing.slice(0, 8).join(',')})`
    return (
      missing.length > 0 &&
      problem('limits.cpuset', limits?.cpuset, message, `Choose from ${host.cpus.join(',')}.`)
    )
  },
  atMost('memory', (host) => host.memoryTotal, 'Lower it, or write none.'),
  atMost('cpus', (host) => host.cpus.length, 'Lower it, or leave it out.'),
  atMost('openFiles', (host) => host.openFilesMax, 'Lower it, or raise the hard limit (ulimit -Hn).'),
  atMost('fileSize', (host) => host.fileSizeMax, 'Lower it, or raise the hard limit (ulimit -Hf).'),
  atMost('coreSize', (host) => host.coreSizeMax, 'Lower it, or raise the hard limit (ulimit -Hc).'),
  atMost('stackSize', (host) => host.stackSizeMax, 'Lower it, or raise the hard limit (ulimit -Hs).'),
  atLeast('memory', 32 * 1024 ** 2),
  atLeast('pids', 12),
  atLeast('openFiles', 32),
]

/** What one place (options, one override, one docblock) asks for must agree with itself; between places the later wins. */
const layerChecks: readonly ((options: ParsedFileOptions) => Problem | false)[] = [
  ({ filesystem }) =>
    (filesystem?.persist?.length ?? 0) > 0 &&
    filesystem?.project !== undefined &&
    filesystem.project !== 'overlay' &&
    problem(
      'filesystem.persist',
      filesystem.persist,
      `has no meaning with filesystem.project: ${filesystem.project}`,
      'Only an overlay is copied back: leave one of them out.',
    ),
  ({ filesystem }) =>
    filesystem?.strictWrites === 'fail' &&
    filesystem.project === 'direct' &&
    problem(
      'filesystem.strictWrites',
      'fail',
      'has no meaning with filesystem.project: direct',
      'What is written to the host is not watched: leave one of them out.',
    ),
  ({ filesystem }) => bothLists(filesystem, 'writable', 'hide'),
  ({ filesystem }) => bothLists(filesystem, 'readonly', 'hide'),
  ({ filesystem }) => bothLists(filesystem, 'writable', 'readonly'),
  ({ env }) => {
    const name = Object.keys(env?.set ?? {}).find((candidate) => env?.unset?.includes(candidate))
    return (
      name !== undefined && problem('env.unset', name, 'is also set by env.set', 'Leave one of them out.')
    )
  },
]

type Measured = 'memory' | 'cpus' | 'pids' | 'openFiles' | 'fileSize' | 'coreSize' | 'stackSize'

/** 0 = the host does not say (other platforms). */
function atMost(key: Measured, most: (host: HostFacts) => number, remedy: string): Check {
  return ({ limits }, { host }) => {
    const value = limits?.[key]
    const maximum = most(host)
    const isAbove = typeof value === 'number' && maximum > 0 && value > maximum
    return (
      isAbove &&
      problem(
        `limits.${key}`,
        shown(key, value),
        `is more than this host has to give (${shown(key, maximum)})`,
        remedy,
      )
    )
  }
}

/** Node.js 20 aborts or hangs at start below these (tried): 11 threads, about 20 descriptors; a runner's heap needs 32 MiB. */
function atLeast(key: Measured, least: number): Check {
  return ({ limits }, { runsTests }) => {
    const value = limits?.[key]
    const isBelow = runsTests && typeof value === 'number' && value < least
    const message = 'is too little for Node.js itself, so that no test could run'
    return (
      isBelow && problem(`limits.${key}`, shown(key, value), message, `Use at least ${shown(key, least)}.`)
    )
  }
}

function shown(key: Measured, value: number): string | number {
  return ['cpus', 'pids', 'openFiles'].includes(key) ? value : size(value)
}

function bothLists(
  filesystem: ParsedFileOptions['filesystem'],
  key: 'writable' | 'readonly',
  other: 'hide' | 'readonly',
): Problem | false {
  const both = filesystem?.[key]?.find((path) => filesystem[other]?.includes(path))
  return (
    both !== undefined &&
    problem(`filesystem.${key}`, both, `is also in filesystem.${other}`, 'Leave one of them out.')
  )
}

function problem(key: string, shown: unknown, message: string, remedy?: string): Problem {
  return { key, value: { shown }, message, ...(remedy && { remedy }) }
}

function size(bytes: number): string {
  return prettyBytes(bytes, { binary: true })
}
