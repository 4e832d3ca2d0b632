import { readFileSync } from 'node:fs'
import os from 'node:os'

/** What planning needs to know of this machine: plain data, read once at the edge. */
export interface HostFacts {
  platform: NodeJS.Platform
  /** `process.arch`. */
  arch: string
  uid: number
  gid: number
  /** The caller's home directory as `os.homedir()` has it; may be `/` or not exist. */
  home: string
  /** The directory of temporary files as `os.tmpdir()` has it. */
  tmpdir: string
  /** The Node.js executable, symlinks resolved. */
  execPath: string
  /** Memory that this process could have at most (physical, or its cgroup's limit), bytes. */
  memoryTotal: number
  /** Memory that is free to use now, bytes. */
  memoryAvailable: number
  /** Numbers of the CPUs that this process may run on. */
  cpus: readonly number[]
  /** Hard limit of open files (RLIMIT_NOFILE). */
  openFilesMax: number
  /** Hard limits of RLIMIT_FSIZE, RLIMIT_CORE and RLIMIT_STACK, bytes; Infinity = none. */
  fileSizeMax: number
  coreSizeMax: number
  stackSizeMax: number
  /** Content of /etc/hosts, '' if there is none. */
  hosts: string
  /** Content of /etc/nsswitch.conf, '' if there is none. */
  nsswitch: string
  /** Content of /proc/meminfo, /proc/cpuinfo and /proc/stat; '' elsewhere than on Linux. */
  meminfo: string
  cpuinfo: string
  stat: string
  /** Mount points, as in /proc/self/mountinfo. */
  mountPoints: readonly string[]
  /** Paths of the sockets that processes of this network namespace listen on. */
  sockets: readonly string[]
  /** Environment of the runner's process: tells where caches and agents' sockets are. */
  env: Readonly<Record<string, string | undefined>>
}

/** Reads the facts; works on any platform (what only Linux knows is empty or unlimited elsewhere). */
export function readHostFacts(): HostFacts {
  const limits = readText('/proc/self/limits')
  return {
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    home: os.homedir(),
    tmpdir: os.tmpdir(),
    execPath: process.execPath,
    ...readMemory(),
    cpus: parseCpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(readText('/proc/self/status'))?.[1] ?? ''),
    openFilesMax: parseHardLimit(limits, 'Max open files'),
    fileSizeMax: parseHardLimit(limits, 'Max file size'),
    coreSizeMax: parseHardLimit(limits, 'Max core file size'),
    stackSizeMax: parseHardLimit(limits, 'Max stack size'),
    hosts: readText('/etc/hosts'),
    nsswitch: readText('/etc/nsswitch.conf'),
    meminfo: readText('/proc/meminfo'),
    cpuinfo: readText('/proc/cpuinfo'),
    stat: readText('/proc/stat'),
    mountPoints: parseMountPoints(readText('/proc/self/mountinfo')),
    sockets: parseUnixSockets(readText('/proc/net/unix')),
    env: { ...process.env },
  }
}

function readMemory(): Pick<HostFacts, 'memoryTotal' | 'memoryAvailable'> {
  // 0 or a huge number where no cgroup limits this process.
  const constrained = process.constrainedMemory?.() ?? 0
  const memoryTotal = constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem()
  return { memoryTotal, memoryAvailable: Math.min(memoryTotal, process.availableMemory?.() ?? os.freemem()) }
}

/** Linux's own bound; keeps a range such as `0-999999999` from being spelled out. */
const maxCpus = 8192

/** `0-2,5` → [0, 1, 2, 5]. Malformed parts are left out. */
export function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (!match) return []
    const first = Number(match[1])
    const last = Number(match[2] ?? first)
    return Array.from(
      { length: Math.min(maxCpus, Math.max(0, last - first + 1)) },
      (_, index) => first + index,
    )
  })
}

/** The hard limit of a row of /proc/self/limits; Infinity if it is unlimited or not there. */
export function parseHardLimit(text: string, row: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(row))
  const hard = Number(line?.slice(row.length).trim().split(/\s+/)[1])
  return Number.isNaN(hard) ? Number.POSITIVE_INFINITY : hard
}

/** Fifth column of mountinfo, its octal escapes undone. */
export function parseMountPoints(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const target = line.split(' ')[4]
    return target === undefined
      ? []
      : [target.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))]
  })
}

/** The paths in /proc/net/unix, each once; names that no file stands for (`@name`) are left out. */
export function parseUnixSockets(text: string): string[] {
  const paths = text.split('\n').flatMap((line) => /^(?:\S+\s+){7}(\/.+)$/.exec(line.trim())?.[1] ?? [])
  return [...new Set(paths)].sort()
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
