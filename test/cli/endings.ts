/** Endings and limits as tests need them: everything at rest but what a case is about. */
import type { Limits } from '../../packages/core/src/plan/profile.js'
import type { Ending } from '../../packages/core/src/sandbox/ending.js'

export function endingOf(changes: Partial<Ending> = {}): Ending {
  return {
    cause: { kind: 'exit' },
    code: 0,
    signal: undefined,
    hits: { memory: 0, pids: 0, disk: false },
    usage: {},
    leaks: [],
    blocked: [],
    ...changes,
  }
}

export function limitsOf(changes: Partial<Limits> = {}): Limits {
  return {
    memory: undefined,
    heap: undefined,
    swap: 0,
    cpus: undefined,
    cpuPeriod: 100000,
    cpuWeight: undefined,
    cpuset: undefined,
    pids: undefined,
    timeout: undefined,
    disk: 2 ** 30,
    openFiles: undefined,
    fileSize: undefined,
    coreSize: undefined,
    stackSize: undefined,
    io: [],
    hugetlb: {},
    ...changes,
  }
}
