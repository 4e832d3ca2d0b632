import type { FileOptions } from '../config/options.js'
import { by, within } from './making.js'
import type { Dimension, Perturbation } from './perturbation.js'
import type { Circumstances } from './perturbations.js'

export type LimitName = 'cpus' | 'memory' | 'pids' | 'open-files' | 'disk'

const limitsByName: Record<LimitName, (amount: string) => [Dimension, string, FileOptions['limits']]> = {
  cpus: (cpus) => ['cpu', `with ${cpus} CPUs`, { cpus, timeout: '5m' }],
  memory: (memory) => ['memory', `with ${spaced(memory)} of memory`, { memory }],
  pids: (pids) => ['pids', `with at most ${pids} processes and threads`, { pids }],
  'open-files': (openFiles) => ['open-files', `with at most ${openFiles} open files`, { openFiles }],
  disk: (disk) => ['disk', `with ${spaced(disk)} of disk`, { disk }],
}

export function byLimit(
  name: LimitName,
  amount: string,
  more: { wave?: 0 | 1; first?: number } = {},
): Perturbation {
  const [dimension, label, limits] = limitsByName[name](amount)
  return by(dimension, `${name}=${amount}`, label, { limits }, more)
}

/** `128MiB` → `128 MiB`. */
function spaced(size: string): string {
  return size.replace(/(?<=\d)(?=[A-Za-z])/, ' ')
}

export function resources({ runner, usage }: Circumstances): Perturbation[] {
  const cap = usage?.memoryPeak === undefined ? undefined : tightest(usage.memoryPeak)
  return [
    byLimit('cpus', '0.1', { first: 3 }),
    byLimit('cpus', '0.2', { wave: 1 }),
    byLimit('cpus', '0.5', { wave: 1 }),
    {
      ...within('cpu', 'cpu=contended', 'while four busy programs share its CPU', { rivals: 4 }, { cpus: 1 }),
      wave: 1,
    },
    within('event-loop', 'event-loop=blocked', 'while the event loop is blocked for 80 of every 100 ms', {
      stall: { block: 80, pause: 20 },
    }),
    byLimit('memory', '128MiB'),
    ...(cap === undefined || cap === '128MiB' ? [] : [byLimit('memory', cap)]),
    byLimit('pids', '24'),
    byLimit('open-files', '96'),
    // Jest writes what it transformed to a layer that counts.
    byLimit('disk', runner === 'jest' ? '16MiB' : '2MiB'),
    within('io', 'io=slow', 'on a disk that takes 20 ms for each access', { slowFiles: 20 }),
  ]
}

/**
 * Half as much again as the peak of one run, so that it is no matter of chance in which moment garbage is collected; and enough for a
 * Node.js that does nothing, since pages that it shares with others may be on their account.
 */
function tightest(peak: number): string {
  return `${Math.max(96, Math.ceil((peak * 1.5) / 2 ** 20))}MiB`
}
