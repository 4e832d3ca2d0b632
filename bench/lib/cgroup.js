import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const PREFIX = 'gbtest-bench-'
let made = 0

/**
 * A cgroup below this process's own, to account a whole process tree: `cpuacct` and `memory` of cgroup v1, or a v2 directory.
 * `undefined` where none can be made.
 */
export function openCgroup() {
  const name = `${PREFIX}${process.pid}-${made++}`
  const directories = {}
  for (const [controller, parent] of ownDirectories()) {
    const directory = join(parent, name)
    try {
      mkdirSync(directory)
      directories[controller] = directory
    } catch {
      // No write access, or an interface that is mounted read-only: accounted by other means, or not at all.
    }
  }
  const cpu = directories.cpuacct ?? directories.unified
  if (!cpu) return undefined
  return {
    /** Files to which the pid of the first process is to be written. */
    joins: Object.values(directories).map((directory) => join(directory, 'cgroup.procs')),
    /** CPU time of all processes so far, dead ones included, milliseconds. */
    cpu: () => readCpu(directories),
    /** Highest memory charged at once, page cache included, bytes. */
    memory: () => readMemory(directories),
    close: () => Promise.all(Object.values(directories).map(remove)),
  }
}

/** For a process that is measured: the CPU time of the measurement so far, milliseconds; `undefined` where no cgroup could be made. */
export function cpuOfMeasurement() {
  const directories = Object.fromEntries(ownDirectories())
  const made = Object.values(directories).some((directory) => directory.includes(PREFIX))
  return made ? readCpu(directories) : undefined
}

/** [controller, directory of this process]; `unified` only where v1 does not account the CPU. */
function ownDirectories() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' - '))
    .filter(([, source]) => source?.startsWith('cgroup'))
    .map(([mount, source]) => ({ root: mount.split(' ')[3], at: mount.split(' ')[4], source }))
  const found = new Map()
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    for (const wanted of ['cpuacct', 'memory', 'unified']) {
      const isIt = wanted === 'unified' ? controllers === '' : controllers.split(',').includes(wanted)
      const mount = mounts.find(({ source }) =>
        wanted === 'unified' ? source.startsWith('cgroup2') : source.split(/[ ,]/).includes(wanted),
      )
      if (isIt && mount) found.set(wanted, join(mount.at, relativeTo(mount.root, path)))
    }
  }
  if (found.has('cpuacct')) found.delete('unified')
  return found
}

/** A container may see only a part of the hierarchy: what is mounted is then the directory `root` of it. */
function relativeTo(root, path) {
  return root !== '/' && path.startsWith(root) ? path.slice(root.length) : path
}

function readCpu({ cpuacct, unified }) {
  if (cpuacct) return Number(readFileSync(join(cpuacct, 'cpuacct.usage'), 'utf8')) / 1e6
  const [, usage] = /usage_usec (\d+)/.exec(readFileSync(join(unified, 'cpu.stat'), 'utf8'))
  return Number(usage) / 1e3
}

function readMemory({ memory, unified }) {
  const file = memory ? join(memory, 'memory.max_usage_in_bytes') : join(unified ?? '', 'memory.peak')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

async function remove(directory) {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      return rmdirSync(directory)
    } catch (error) {
      if (error.code !== 'EBUSY') throw error
      await delay(10)
    }
  }
  // Only processes that the measured command left behind can be in it.
  for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    process.kill(Number(pid), 'SIGKILL')
  }
  throw new Error(
    `${directory} was still in use two seconds after the measured command had ended; what ran in it was killed`,
  )
}
