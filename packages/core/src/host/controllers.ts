import { readFileSync } from 'node:fs'
import type { ControllerFinding } from './findings.js'

/** Which cgroup controllers this kernel has, and on which hierarchy they are. */
export function readControllers(): readonly ControllerFinding[] {
  return mergeControllers(
    read('/proc/cgroups'),
    read('/proc/self/mountinfo'),
    read('/sys/fs/cgroup/cgroup.controllers'),
  )
}

/**
 * Newer kernels list in /proc/cgroups only what v1 can have, and cgroup.controllers lists only what v2 has: the two together are
 * complete. A controller with a hierarchy number in /proc/cgroups is on v1. Pure.
 */
export function mergeControllers(
  cgroups: string,
  mountinfo: string,
  v2: string,
): readonly ControllerFinding[] {
  const found = new Map<string, ControllerFinding>()
  for (const name of v2.split(/\s+/).filter(Boolean)) found.set(name, { name, version: 'v2' })
  for (const line of cgroups.split('\n')) {
    const [name, hierarchy, , enabled] = line.split(/\s+/)
    if (!name || name.startsWith('#') || enabled !== '1') continue
    const modern = name === 'blkio' ? 'io' : name
    if (hierarchy !== '0') found.set(modern, { name: modern, version: 'v1' })
  }
  // A container may hide /proc/cgroups; its mounts still tell.
  for (const [, options] of mountinfo.matchAll(/ - cgroup \S+ (\S+)$/gm)) {
    for (const option of options?.split(',') ?? []) {
      const modern = option === 'blkio' ? 'io' : option
      if (known.has(modern)) found.set(modern, { name: modern, version: 'v1' })
    }
  }
  return [...found.values()]
}

const known: ReadonlySet<string> = new Set([
  'memory',
  'cpu',
  'cpuacct',
  'cpuset',
  'pids',
  'io',
  'hugetlb',
  'freezer',
])

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
