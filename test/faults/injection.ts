/**
 * Makes chosen system calls fail of those processes that make a sandbox: relay, supervisor, init, and worker until it executes. A life takes
 * every request that there is about a sandbox, so that all of them are walked through.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endProcesses, leftovers, type Snapshot, snapshot } from '../harness/leftovers.js'
import { waitFor } from '../harness/wait-for.js'
import { mount, SupervisorDriver, usualMounts } from '../native/supervisor-driver.js'
import type { Record as Entry, Frame } from '../native/supervisor-frames.js'
import { errnos } from './errnos.js'
import { type Counts, type Fault, faultyEnvironment, readCounts, roles } from './faulty.js'

/** Each has code of its own. */
export const networks = ['none', 'policy'] as const
export type Network = (typeof networks)[number]

/** Every call of every kind that can fail, with each errno that it may have; and every step at which a process may die. */
export function faultsOf(counts: Counts): Fault[] {
  return roles.flatMap((role) => {
    const failures = Object.entries(errnos).flatMap(([call, names]) =>
      timesOf(counts, role, call).flatMap((nth) => names.map((errno): Fault => ({ role, call, nth, errno }))),
    )
    const deaths = timesOf(counts, role, 'any').map(
      (nth): Fault => ({ role, call: 'any', nth, errno: 'death' }),
    )
    return [...failures, ...deaths]
  })
}

const timesOf = (counts: Counts, role: (typeof roles)[number], call: string) =>
  Array.from({ length: counts[role].get(call) ?? 0 }, (_, index) => index + 1)

export interface Life {
  /** The answer to each request of one life; requests after the first error are not made. */
  steps: Record<string, Frame>
  left: string[]
  counts: Counts
  /** Whether a process came to the call that was to fail. */
  met: boolean
}

/** The whole life of a sandbox, with that fault in it. `hangUp`: the runner goes away just after it has asked for that step. */
export async function live(
  network: Network,
  { fault, hangUp }: { fault?: Fault; hangUp?: string } = {},
): Promise<Life> {
  const marker = randomUUID()
  const scratch = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const before: Snapshot = snapshot()
  try {
    mkdirSync(join(scratch, 'project'))
    const environment = [`GLOVEBOX_TEST_RUN=${marker}`, ...faultyEnvironment(join(scratch, 'counts'), fault)]
    const driver = await limited('hello', SupervisorDriver.launch('root', 'faulty', ['env', ...environment]))
    const steps: Record<string, Frame> = { hello: driver.hello as Frame }
    if (hangUp === 'hello') driver.control.end()
    try {
      for (const [name, take] of requests(driver, network, scratch)) {
        if (Object.values(steps).some(({ type }) => type === 'error' || type === 'gone')) break
        if (name === 'signal') await written(steps.create, join(scratch, 'project/new'))
        const answer = take()
        if (name === hangUp) driver.control.end()
        steps[name] = await limited(name, answer)
      }
    } finally {
      await limited('the end', driver.close())
    }
    // Core made the run directory, and removes it where nobody else has heard of it.
    if (steps.hello?.type !== 'reply') rmSync(driver.runDir, { recursive: true, force: true })
    const { counts, met } = readCounts(join(scratch, 'counts'))
    return { steps, left: await leftOf(driver, before, marker, fault), counts, met: met > 0 }
  } finally {
    endProcesses(marker)
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** In the order of a life. */
export function requests(
  driver: SupervisorDriver,
  network: Network,
  scratch: string,
): [name: string, take: () => Promise<Frame>][] {
  const project = join(scratch, 'project')
  const about = (type: string, ...more: Entry[]) => driver.request(type, [['sandbox', 's'], ...more])
  const mounts = [
    ...usualMounts,
    ...mount('cgroup', { target: '/sys/fs/cgroup' }),
    ...mount('overlay', { source: project, target: project }),
    ...mount('mask', { target: '/srv', optional: 1 }),
    ...mount('file', { target: '/tmp/file', content: 'text' }),
  ]
  const policy: Entry[] = network === 'policy' ? [['network.forward', '1 localhost 1']] : []
  const more: Entry[] = [['network', network], ...policy, ['limit.memory', 64 << 20], ['limit.pids', 20]]
  return [
    ['create', () => driver.create('s', { mounts, more })],
    ['limits', () => about('limits', ['limit.pids', 30], ['limit.timeout', 600_000])],
    ['start', () => driver.start('s', ['/bin/sh', '-c', `echo text > ${project}/new; exec sleep 600`])],
    ['usage', () => about('usage')],
    ['pause', () => about('pause')],
    ['resume', () => about('resume')],
    ['signal', () => about('signal', ['signal', 15])],
    ['exit', () => driver.event('s').catch(() => goneFrame)],
    ['changes', () => about('changes')],
    ['export', () => about('export', ['target', project], ['path', 'new'], ['directory', scratch])],
    ['destroy', () => about('destroy')],
  ]
}

/** Waits for what the worker writes into its layer; in vain where the supervisor does not know its init. */
async function written(created: Frame | undefined, path: string): Promise<void> {
  const init = created?.get('pid')
  const isOver = () => !existsSync(`/proc/${init}/root/dev`) || existsSync(`/proc/${init}/root${path}`)
  if (init !== undefined) await waitFor(path, isOver)
}

/** What a remover without a descriptor could not remove, a later start does. Whoever dies has somebody else to remove all of it. */
async function leftOf(
  driver: SupervisorDriver,
  before: Snapshot,
  marker: string,
  fault: Fault | undefined,
): Promise<string[]> {
  // Others may be at work on this machine, whose relays end, too.
  const isOurs = (line: string) =>
    line.startsWith('cgroup ')
      ? line.includes(`/glovebox.${driver.process.pid}-`)
      : !line.startsWith('directory ') || line === `directory ${driver.runDir}`
  const left = () => leftovers(before, marker).filter(isOurs)
  const isRemovable = (line: string) => /^(cgroup|directory) /.test(line)
  if (fault?.errno === 'death') {
    await waitFor('nothing to be left', () => left().length === 0, { limit: 5000 }).catch(() => {})
    return left()
  }
  await waitFor('the end of all processes', () => left().every(isRemovable)).catch(() => {})
  if (left().length > 0 && left().every(isRemovable)) await sweep(driver.runDir)
  return left()
}

/** What could not be removed, its remover being dead or without a descriptor, goes with a later start, once it is an hour old. */
async function sweep(runDir: string): Promise<void> {
  const old = Date.now() / 1000 - 2 * 3600
  if (existsSync(runDir)) utimesSync(runDir, old, old)
  await using _ = await SupervisorDriver.launch('root')
}

const goneFrame: Frame = { type: 'gone', records: [], get: () => undefined }

async function limited<T>(name: string, promise: Promise<T>): Promise<T> {
  let clock: NodeJS.Timeout | undefined
  const hang = new Promise<never>((_, reject) => {
    clock = setTimeout(() => reject(new Error(`${name} hung`)), 60_000)
  })
  try {
    return await Promise.race([promise, hang])
  } finally {
    clearTimeout(clock)
  }
}
