/** Promise 4: whatever ends the runner, a second later nothing of the sandboxes is there. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import {
  descendants,
  endProcesses,
  isFirstOfNamespace,
  leftoversLater,
  markedProcesses,
  snapshot,
} from '../harness/leftovers.js'
import { startVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'
import { type Cell, cells, describeCells } from './cells.js'

const kills = 50
const perCell = Math.ceil(kills / cells.length)

/** Reproducible: print the seed, set GLOVEBOX_SEED to repeat. */
const seed = Number(process.env.GLOVEBOX_SEED ?? Date.now() % 1_000_000)

describeCells(cells, (cell, available) => {
  describe(`killed at ${perCell} random moments (GLOVEBOX_SEED=${seed})`, () => {
    const moments = randomMoments(seed + cells.indexOf(cell))
    let seen: Observation[] = []
    beforeAll(async () => {
      if (available) seen = await killRepeatedly(cell, moments)
    }, 300_000)

    test('the runner had sandboxes with daemons in them at some of these moments', () => {
      expect(Math.max(...seen.map(({ processes }) => processes))).toBeGreaterThan(4)
    })

    test('nothing is left a second later', () => {
      expect(seen.filter(({ left }) => left.length > 0)).toEqual([])
    })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('nothing is left after %s', async (signal) => {
    await using project = await createFixture({ ...cell, from: 'test/promises/projects/busy' })
    const before = snapshot()
    const { child, marker, done } = startVitest({ ...cell, cwd: project.dir })
    onTestFinished(() => endProcesses(marker))
    await waitFor('the daemons', () => daemons(marker) > 1)
    child.kill(signal)
    await done
    expect(await leftoversLater(before, marker)).toEqual([])
  })

  test('the run fails, and nothing is left, after the supervisor was killed', async () => {
    await using project = await createFixture({ ...cell, from: 'test/promises/projects/busy' })
    const before = snapshot()
    const { marker, done } = startVitest({ ...cell, cwd: project.dir })
    onTestFinished(() => endProcesses(marker))
    await waitFor('the daemons', () => daemons(marker) > 1)
    const [, inner] = await waitFor('relay and supervisor', () => pairOf(marker))
    process.kill(inner, 'SIGKILL')
    const { code, stdout, stderr } = await done
    expect(code, `${stdout}${stderr}`).toBe(1)
    expect(await leftoversLater(before, marker)).toEqual([])
  })

  test('no process is left after the relay was killed, and the next run sweeps what only it could remove', async () => {
    await using project = await createFixture({ ...cell, from: 'test/promises/projects/busy' })
    const before = snapshot()
    const first = startVitest({ ...cell, cwd: project.dir })
    onTestFinished(() => endProcesses(first.marker))
    await waitFor('the daemons', () => daemons(first.marker) > 1)
    const [relay] = await waitFor('relay and supervisor', () => pairOf(first.marker))
    process.kill(relay, 'SIGKILL')
    expect((await first.done).code).toBe(1)
    const processes = (left: string[]) => left.filter((line) => line.startsWith('process'))
    expect(processes(await leftoversLater(before, first.marker))).toEqual([])

    const next = startVitest({ ...cell, cwd: project.dir, args: ['list', '--json'] })
    await next.done
    expect(await leftoversLater(before, first.marker)).toEqual([])
  })
})

interface Observation {
  moment: number
  /** Processes of the run just before the kill. */
  processes: number
  left: string[]
}

async function killRepeatedly(cell: Cell, moments: number[]): Promise<Observation[]> {
  await using project = await createFixture({ ...cell, from: 'test/promises/projects/busy' })
  const seen: Observation[] = []
  for (const moment of moments) {
    const before = snapshot()
    const { child, marker, done } = startVitest({ ...cell, cwd: project.dir })
    await sleep(moment)
    const processes = markedProcesses(marker).length
    child.kill('SIGKILL')
    await once(child, 'exit')
    seen.push({ moment, processes, left: await leftoversLater(before, marker) })
    endProcesses(marker)
    await done
  }
  return seen
}

/** Milliseconds from the start of the runner: from before its supervisor exists to long after its tests run. */
function randomMoments(from: number): number[] {
  let state = from
  return Array.from({ length: perCell }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const spread = index % 3 === 0 ? 5000 : 2500
    return 200 + Math.floor((state / 2 ** 32) * spread)
  })
}

function daemons(marker: string): number {
  return markedProcesses(marker).filter(({ command }) => command.startsWith('sleep 1000')).length
}

/** The relay, which waits outside, and the supervisor: PID 1 of the namespace made for it. */
function pairOf(marker: string): [relay: number, supervisor: number] | undefined {
  const found = markedProcesses(marker).filter(({ command }) => command.includes('glovebox-supervisor'))
  const inner = found.find(({ pid }) => isFirstOfNamespace(pid))
  const relay = found.find(({ pid }) => pid !== inner?.pid && inner && descendants(pid).includes(inner.pid))
  return inner && relay ? [relay.pid, inner.pid] : undefined
}
