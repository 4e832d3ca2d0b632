import type { Unlimited } from '../config/options.js'
import type { ParsedIo, ParsedLimits } from '../config/parsed-options.js'
import type { HostFacts } from '../host/facts.js'
import { heapLimit } from './heap.js'
import type { IoLimit, Limits } from './profile.js'

const MiB = 1024 ** 2
/** Below this share of the host's memory no file runs well; many workers then share what is there. */
const leastMemory = 256 * MiB

/** Applies the defaults: every file gets a cap on memory, processes, time and disk. */
export function resolveLimits(options: ParsedLimits = {}, host: HostFacts, maxWorkers: number): Limits {
  const memory = orNone(options.memory, defaultMemory(host, maxWorkers))
  return {
    memory,
    heap: heapLimit(memory, host.memoryTotal),
    swap: options.swap ?? 0,
    cpus: options.cpus,
    cpuPeriod: options.cpuPeriod ?? 100_000,
    cpuWeight: options.cpuWeight,
    cpuset: options.cpuset,
    pids: orNone(options.pids, 512),
    timeout: orNone(options.timeout, 5 * 60_000),
    disk: options.disk ?? 1024 * MiB,
    openFiles: options.openFiles,
    fileSize: options.fileSize,
    coreSize: options.coreSize,
    stackSize: options.stackSize,
    io: mergeIo(options.io ?? []),
    hugetlb: options.hugetlb ?? {},
  }
}

function orNone(value: number | Unlimited | undefined, fallback: number): number | undefined {
  return value === 'none' ? undefined : (value ?? fallback)
}

/** An equal share of the memory that is available, in whole MiB. */
function defaultMemory(host: HostFacts, maxWorkers: number): number {
  const share = host.memoryAvailable / Math.max(1, maxWorkers)
  return Math.floor(Math.min(Math.max(share, leastMemory), host.memoryTotal) / MiB) * MiB
}

/** One entry a device: layers of options add up, and of one rate the later value counts. */
function mergeIo(rules: readonly ParsedIo[]): IoLimit[] {
  const devices = new Map<string, IoLimit>()
  for (const rule of rules) {
    const given = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined))
    devices.set(rule.device, { ...devices.get(rule.device), ...given, device: rule.device })
  }
  return [...devices.values()]
}
