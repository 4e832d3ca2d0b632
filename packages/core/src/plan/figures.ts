import type { HostFacts } from '../host/facts.js'
import { parseCpuList } from '../host/facts.js'
import type { Limits, Mount } from './profile.js'

type FileMount = Extract<Mount, { type: 'file' }>

const meminfo = '/proc/meminfo'
const cpuFiles = { info: '/proc/cpuinfo', times: '/proc/stat', online: '/sys/devices/system/cpu/online' }

/** The files that tell of a limit, for a limit that is dropped later. */
export const figuresOf: { memory: readonly string[]; cpus: readonly string[] } = {
  memory: [meminfo],
  cpus: Object.values(cpuFiles),
}

/**
 * Files of the kernel's that know of no cgroup, and from which os.totalmem(), os.freemem(), os.cpus(), `free`, glibc and others learn how
 * large the machine is: with the limits in the place of the machine. The supervisor keeps the free memory true (native/figures.c), and
 * gives the worker as many CPUs (native/affinity.c). Pure.
 */
export function planFigures(
  { memory, swap, cpus, cpuset }: Limits,
  host: Pick<HostFacts, 'meminfo' | 'cpuinfo' | 'stat' | 'cpus'>,
): Mount[] {
  const count = Math.min(
    cpuset === undefined ? Infinity : parseCpuList(cpuset).length,
    Math.ceil(cpus ?? Infinity),
  )
  return [
    ...memoryFile(host.meminfo, memory, swap),
    ...(count < host.cpus.length ? cpuFilesFor(host, count) : []),
  ]
}

function memoryFile(text: string, memory: number | undefined, swap: number): FileMount[] {
  const total = kibibytes(text, 'MemTotal')
  if (memory === undefined || total === undefined || memory >= total * 1024) return []
  const limit = Math.floor(memory / 1024)
  const swapTotal = Math.min(Math.floor(swap / 1024), kibibytes(text, 'SwapTotal') ?? 0)
  const own: Readonly<Record<string, number>> = {
    MemTotal: limit,
    MemFree: limit,
    MemAvailable: limit,
    SwapTotal: swapTotal,
    SwapFree: swapTotal,
  }
  // Sizes of pages and address spaces are the machine's; what others use of it is nobody's business here.
  const content = text.replace(
    /^(\w[^:]*):( *)(\d+)/gm,
    (line, name: string, blanks: string, number: string) =>
      /^(Huge|Vmalloc|Commit)/.test(name)
        ? line
        : `${name}:${String(own[name] ?? 0).padStart(blanks.length + number.length)}`,
  )
  return [file(meminfo, content)]
}

function kibibytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}: *(\\d+) kB$`, 'm').exec(text)
  return match?.[1] === undefined ? undefined : Number(match[1])
}

function cpuFilesFor({ cpuinfo, stat }: Pick<HostFacts, 'cpuinfo' | 'stat'>, count: number): FileMount[] {
  return [
    file(cpuFiles.info, cpuBlocks(cpuinfo, count)),
    file(cpuFiles.times, cpuTimes(stat, count)),
    file(cpuFiles.online, count === 1 ? '0\n' : `0-${count - 1}\n`),
  ]
}

/** What programs look at, where all of it would make every request to the supervisor large. */
const essential = /^(processor|vendor_id|model name|cpu MHz|BogoMIPS)\s*:/
const manyCpus = 64

/** One block a CPU; on x86 and ARM each begins with its number. */
function cpuBlocks(text: string, count: number): string {
  const blocks = text.split('\n\n').filter((block) => block.startsWith('processor'))
  const shown = blocks.slice(0, count).map((block) =>
    count <= manyCpus
      ? block
      : block
          .split('\n')
          .filter((line) => essential.test(line))
          .join('\n'),
  )
  return shown.map((block) => `${block.trimEnd()}\n\n`).join('')
}

/** The times as they were when the run began: nobody counts them for each sandbox. Interrupts are left out, a number a line of hundreds. */
function cpuTimes(text: string, count: number): string {
  const lines = text.split('\n')
  const each = lines.filter((line) => /^cpu\d/.test(line)).slice(0, count)
  const columns = each.map((line) => line.split(' ').slice(1).map(Number))
  const sum = columns[0]?.map((_, index) =>
    columns.reduce((total, column) => total + (column[index] ?? 0), 0),
  )
  const rest = lines
    .filter((line) => !line.startsWith('cpu'))
    .map((line) => line.replace(/^((?:intr|softirq) \d+).*$/, '$1'))
  return [`cpu  ${sum?.join(' ') ?? ''}`, ...each, ...rest].join('\n')
}

function file(target: string, content: string): FileMount {
  return { type: 'file', target, content, optional: true }
}
