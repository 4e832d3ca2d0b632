/**
 * What a run left on the machine: processes, mounts, cgroups, sockets and run directories. A snapshot before and the difference after;
 * what belongs to somebody else's living run (other tests may run beside this one) does not count.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Snapshot {
  mounts: ReadonlySet<string>
  cgroups: ReadonlySet<string>
  /** Where run directories are made. */
  temporary: string
  runDirectories: ReadonlySet<string>
}

/** Everything of Glovebox's that is on the machine now. `temporary`: the run's TMPDIR, if it has one of its own. */
export function snapshot(temporary = tmpdir()): Snapshot {
  return {
    mounts: new Set(ourMounts()),
    cgroups: new Set(ourCgroups()),
    temporary,
    runDirectories: new Set(runDirectoriesIn(temporary)),
  }
}

/**
 * One line for each thing that is there now, was not there before and has no living owner outside the run.
 * @param marker of the run (`startVitest`): every process with it in its environment counts, whoever its parent is
 */
export function leftovers(before: Snapshot, marker: string): string[] {
  const ours = markedProcesses(marker)
  const owned = new Set(ours.map(({ pid }) => pid))
  const foreign = (pid: number) => isAlive(pid) && !owned.has(pid)
  const listening = listeningSockets()
  return [
    ...ours.map(({ pid, command }) => `process ${pid} ${command}`),
    ...ourMounts()
      .filter((line) => !before.mounts.has(line))
      .map((line) => `mount ${line}`),
    ...ourCgroups()
      .filter((path) => !before.cgroups.has(path) && !foreign(ownerOf(path)))
      .map((path) => `cgroup ${path}`),
    ...runDirectoriesIn(before.temporary)
      .filter((path) => !before.runDirectories.has(path))
      .filter((path) => !listening.some((socket) => socket.startsWith(`${path}/`)))
      .map((path) => `directory ${path}`),
  ]
}

/**
 * What is still left a second after the end of a run, which is the promise; on a machine that is overloaded with other work, ten.
 * Call it when the run has ended.
 */
export async function leftoversLater(before: Snapshot, marker: string): Promise<string[]> {
  const overloaded = (loadavg()[0] ?? 0) > 3 * availableParallelism()
  const end = Date.now() + (overloaded ? 10_000 : 1000)
  for (;;) {
    const left = leftovers(before, marker)
    if (left.length === 0 || Date.now() > end) return left
    await sleep(50)
  }
}

/** Processes that carry the marker, found whatever their parent, session or namespace is. */
export function markedProcesses(marker: string): { pid: number; command: string }[] {
  return processes().flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
      if (!environment.includes(`GLOVEBOX_TEST_RUN=${marker}`)) return []
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
      return command === '' ? [] : [{ pid, command }] // a zombie has neither; it is its parent's, not ours
    } catch {
      return []
    }
  })
}

/** Ends what a run left behind, for tests whose control leaves something, and for the case that the sandbox does not hold. */
export function endProcesses(marker: string): void {
  for (const { pid } of markedProcesses(marker)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // already gone
    }
  }
}

/** Descendants of a process, itself not included. */
export function descendants(root: number): number[] {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]))
  const found = new Set([root])
  for (let before = 0; before !== found.size; ) {
    before = found.size
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid)
  }
  found.delete(root)
  return [...found]
}

/** Whether a process is PID 1 of a namespace directly below ours. */
export function isFirstOfNamespace(pid: number): boolean {
  try {
    const ids = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/)
    return ids?.length === 2 && ids[1] === '1'
  } catch {
    return false
  }
}

/** Bytes of memory that a process holds (Pss), `undefined` once it is gone. */
export function memoryOf(pid: number): number | undefined {
  try {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/** Open file descriptors of a process. */
export function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

/** Directories `glovebox.*` at any depth of any mounted hierarchy, but not those that other tests make below a `gbtest-PID` of theirs. */
export function ourCgroups(): string[] {
  const bases = cgroupMounts().flatMap((mount) =>
    directoriesBelow(mount).filter((path) => /\/glovebox\.[^/]*$/.test(path)),
  )
  return bases.filter((path) => {
    const scratchOf = Number(/\/gbtest-(\d+)\//.exec(path)?.[1] ?? process.pid)
    return scratchOf === process.pid
  })
}

function ourMounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => /glovebox[-.]/.test(line))
}

function runDirectoriesIn(temporary: string): string[] {
  return readdirSync(temporary)
    .filter((name) => /^glovebox-\w{6}$/.test(name))
    .map((name) => join(temporary, name))
}

/** The relay that made it: a base is called `glovebox.PID-RANDOM`. */
export function ownerOf(cgroup: string): number {
  return Number(/glovebox\.(\d+)/.exec(cgroup)?.[1] ?? 0)
}

function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .flatMap(([, target]) => (target === undefined ? [] : [target]))
}

function directoriesBelow(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [join(path, name), ...directoriesBelow(join(path, name))])
  } catch {
    return [] // removed while we looked
  }
}

/** Paths of Unix sockets that somebody listens on. */
function listeningSockets(): string[] {
  return readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , flags]) => flags === '00010000')
    .flatMap((fields) => (fields[7] === undefined ? [] : [fields[7]]))
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** `undefined` once the process is gone. */
export function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
