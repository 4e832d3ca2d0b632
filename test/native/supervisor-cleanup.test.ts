/** Whoever is killed, nothing stays: processes, cgroups, run directories. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { descendants } from '../harness/leftovers.js'
import { type Natives, nativesAmong } from '../harness/natives.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { buildSupervisor, SupervisorDriver } from './supervisor-driver.js'

const ready = requires('root')
beforeAll(() => {
  if (ready) buildSupervisor('plain')
})

let marks = 0
/** An argument of `sleep` that no other process has. */
const mark = () => `31${process.pid}.${++marks}`

function processesWith(argument: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument)
    } catch {
      return false
    }
  })
}

/** A supervisor with three sandboxes full of processes. */
async function busy(argument: string): Promise<{
  driver: SupervisorDriver
  natives: Natives
  cgroup: string
  /** The relay and all that came of it. */
  processes: number[]
}> {
  const driver = await SupervisorDriver.launch('root')
  for (const sandbox of ['a', 'b', 'c']) {
    expect((await driver.create(sandbox)).type).toBe('reply')
    await driver.start(sandbox, [
      '/bin/sh',
      '-c',
      `setsid sleep ${argument} & sleep ${argument} & exec sleep ${argument}`,
    ])
  }
  await waitFor('nine processes', () => processesWith(argument).length >= 9)
  const relay = driver.process.pid as number
  const processes = [relay, ...descendants(relay)]
  return {
    driver,
    natives: nativesAmong(processes) as Natives,
    cgroup: driver.hello?.get('cgroup.path') ?? '',
    processes,
  }
}

const pause = async (driver: SupervisorDriver) => {
  for (const sandbox of ['a', 'b', 'c']) await driver.request('pause', [['sandbox', sandbox]])
}

type Busy = Awaited<ReturnType<typeof busy>>

test.for<[who: string, act: (it: Busy) => void | Promise<void>]>([
  ['the control socket is closed', ({ driver }) => void driver.control.destroy()],
  ['the supervisor is killed', ({ natives }) => killAtOnce(natives.supervisor)],
  ['the keeper is killed', ({ natives }) => killAtOnce(natives.keeper)],
  ['the relay is killed', ({ natives }) => killAtOnce(natives.relay)],
  ['relay and keeper are killed at once', ({ natives }) => killAtOnce(natives.relay, natives.keeper)],
  ['relay and supervisor are killed at once', ({ natives }) => killAtOnce(natives.relay, natives.supervisor)],
  [
    'the supervisor is killed while its sandboxes are frozen',
    async ({ driver, natives }) => {
      await pause(driver)
      killAtOnce(natives.supervisor)
    },
  ],
  [
    'the keeper is killed while its sandboxes are frozen',
    async ({ driver, natives }) => {
      await pause(driver)
      killAtOnce(natives.keeper)
    },
  ],
  [
    'the socket is closed while the sandboxes are frozen',
    async ({ driver }) => {
      await pause(driver)
      driver.control.destroy()
    },
  ],
])('when %s, nothing stays', async ([, act]) => {
  const argument = mark()
  const it = await busy(argument)
  expect([existsSync(it.cgroup), existsSync(it.driver.runDir)]).toEqual([true, true])
  await act(it)
  await waitFor(
    'its end',
    () => !processesWith(argument).length && !existsSync(it.cgroup) && !existsSync(it.driver.runDir),
  )
})

// The supervisor sees their end and cleans up in their place: it is killed before, while, or after it does so.
test.for([0, 1, 2, 3, 5, 8, 13, 21])(
  'when the supervisor is killed %d ms after relay and keeper, the next start removes what is left',
  async (delay) => {
    const it = await busy(mark())
    const { relay, keeper, supervisor } = it.natives
    killAtOnce(relay, keeper)
    const end = performance.now() + delay
    while (performance.now() < end);
    if (isThere(supervisor)) process.kill(supervisor, 'SIGKILL')
    await swept(it)
  },
)

test('when relay, keeper and supervisor are killed at once, only directories stay, and the next start removes them', async () => {
  const it = await busy(mark())
  const { relay, keeper, supervisor } = it.natives
  killAtOnce(relay, keeper, supervisor)
  await swept(it)
})

/** None sees the end of another: it would begin to clean up. */
function killAtOnce(...pids: number[]): void {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const pid of pids) process.kill(pid, signal)
}

async function swept({ driver, cgroup, processes }: Busy) {
  // The inits, too: until their ends they hold the locks by which the next start knows that nobody needs the directories.
  await waitFor('the end of all processes', () => !processes.some(isThere))
  if (existsSync(driver.runDir)) {
    // As old as one must be that has lost its marker already: whoever removes it may be killed between the two.
    const old = Date.now() / 1000 - 2 * 3600
    utimesSync(driver.runDir, old, old)
  }
  await using next = await SupervisorDriver.launch('root')
  expect(next.hello?.type).toBe('reply')
  const left = () => [cgroup, driver.runDir].filter((path) => existsSync(path))
  await waitFor('the sweep', () => left().length === 0).catch(() => {})
  expect(left()).toEqual([])
}

test('a directory that is only called like a run directory is left alone, as is one in use', async () => {
  const other = mkdtempSync(join(tmpdir(), 'glovebox-'))
  mkdirSync(join(other, 'work'))
  await using first = await SupervisorDriver.launch('root')
  writeFileSync(join(first.runDir, 'export'), '')
  const old = Date.now() / 1000 - 60
  for (const path of [other, first.runDir]) utimesSync(path, old, old)
  await using second = await SupervisorDriver.launch('root')
  expect(second.hello?.type).toBe('reply')
  expect([existsSync(join(other, 'work')), existsSync(join(first.runDir, 'export'))]).toEqual([true, true])
  rmSync(other, { recursive: true })
})

/** A zombie, which waits for whoever adopted it, holds nothing any more. */
function isThere(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
