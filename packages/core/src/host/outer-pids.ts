/** Limits of processes that hold outside of the sandboxes, for all that runs there: those of the cgroups above, and the user's. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { SupervisorHello } from './hello.js'

/** A limit of processes and threads. */
export interface OuterPids {
  /** What sets it: the path of a `pids.max`, or `RLIMIT_NPROC`. */
  name: string
  limit: number
  /** Most that were counted against it at once, where the kernel remembers that; else those that are there now. */
  used: number
}

type Sandboxes = Pick<SupervisorHello, 'cgroup' | 'cgroupPath' | 'privileged'>

/**
 * Those that are finite and can be seen from here, the nearest cgroup first. It looks at every process of the machine: for a file
 * whose processes were refused, not for each.
 */
export function readOuterPids(sandboxes: Sandboxes): OuterPids[] {
  const groups = groupsAbove(sandboxes, readText('/proc/self/cgroup'), readText('/proc/self/mountinfo'))
  // The kernel exempts the machine's root from it.
  return [...groups.flatMap(ofGroup), ...(sandboxes.privileged ? [] : ofUser())]
}

/**
 * Directories of the cgroups that count the processes of all sandboxes, from the nearest up to the root of what is mounted. Pure.
 * @param membership content of /proc/self/cgroup
 */
export function groupsAbove(sandboxes: Sandboxes, membership: string, mountinfo: string): string[] {
  const v1 = /^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(.*)$/m.exec(membership)?.[1]
  const own = v1 ?? /^0::(.*)$/m.exec(membership)?.[1]
  const mount = mountinfo
    .split('\n')
    .map((line) => /^\S+ \S+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/.exec(line))
    .find((found) =>
      v1 === undefined
        ? found?.[3] === 'cgroup2'
        : found?.[3] === 'cgroup' && found[4]?.split(',').includes('pids'),
    )
  const [, root = '', target = ''] = mount ?? []
  if (own === undefined || target === '') return []
  // Of version 2 they may lie in a scope that systemd made for them, and not where this process is.
  const { cgroup, cgroupPath } = sandboxes
  const elsewhere = v1 === undefined && cgroup === 'v2' && cgroupPath !== undefined
  const groups: string[] = []
  let path = elsewhere ? dirname(cgroupPath) : join(target, relative(root, own))
  for (; path === target || path.startsWith(`${target}/`); path = dirname(path)) groups.push(path)
  return groups
}

function ofGroup(path: string): OuterPids[] {
  const name = join(path, 'pids.max')
  const limit = numberIn(name)
  const used = numberIn(join(path, 'pids.peak')) ?? numberIn(join(path, 'pids.current'))
  return limit === undefined || used === undefined ? [] : [{ name, limit, used }]
}

/** The soft one counts. */
function ofUser(): OuterPids[] {
  const limit = Number(/^Max processes\s+(\d+)/m.exec(readText('/proc/self/limits'))?.[1])
  if (Number.isNaN(limit)) return []
  const uid = process.getuid?.()
  const threads = readdirSync('/proc').map((name) => {
    const status = /^\d+$/.test(name) ? readText(`/proc/${name}/status`) : ''
    return Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === uid
      ? Number(/^Threads:\s+(\d+)/m.exec(status)?.[1])
      : 0
  })
  return [{ name: 'RLIMIT_NPROC', limit, used: threads.reduce((sum, count) => sum + count, 0) }]
}

/** `undefined`: no such file, or `max`. */
function numberIn(path: string): number | undefined {
  const text = readText(path).trim()
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
