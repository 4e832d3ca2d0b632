/** Promise 4: whatever ends the runner, a second later nothing of the sandboxes is there. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { endProcesses, leftoversLater, markedProcesses, snapshot } from '../harness/leftovers.js'
import { type Natives, nativesAmong } from '../harness/natives.js'
import { waitFor } from '../harness/wait-for.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { createProject, startTests } from './runner.js'

const everywhere: readonly AnyCell[] = [...cells, ...jestCells]
const kills = 50
const perCell = Math.ceil(kills / everywhere.length)

/** Reproducible: print the seed, set GLOVEBOX_SEED to repeat. */
const seed = Number(process.env.GLOVEBOX_SEED ?? Date.now() % 1_000_000)

describeCells(everywhere, (cell, available) => {
  describe(`killed at ${perCell} random moments (GLOVEBOX_SEED=${seed})`, () => {
    let seen: Observation[] = []
    beforeAll(async () => {
      if (available) seen = await killRepeatedly(cell, randomShares(seed + everywhere.indexOf(cell)))
    }, 600_000)

    test('the runner had sandboxes with daemons in them at some of these moments', () => {
      expect(Math.max(...seen.map(({ processes }) => processes))).toBeGreaterThan(4)
    })

    test('nothing is left a second later', () => {
      expect(seen.filter(({ left }) => left.length > 0)).toEqual([])
    })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('nothing is left after %s', async (signal) => {
    await using project = await createProject(cell, 'busy')
    const before = snapshot()
    const { child, marker, done } = startTests(cell, { cwd: project.dir })
    onTestFinished(() => endProcesses(marker))
    await waitFor('the daemons', () => daemons(marker) > 1, patient)
    child.kill(signal)
    await done
    expect(await leftoversLater(before, marker)).toEqual([])
  })

  test.each(['supervisor', 'keeper', 'relay'] as const)(
    'the run fails, and nothing is left, after the %s was killed',
    async (victim) => {
      await using project = await createProject(cell, 'busy')
      const before = snapshot()
      const { marker, done } = startTests(cell, { cwd: project.dir })
      onTestFinished(() => endProcesses(marker))
      await waitFor('the daemons', () => daemons(marker) > 1, patient)
      const natives = await waitFor('the native processes', () => nativesOf(marker))
      process.kill(natives[victim], 'SIGKILL')
      const { code, stdout, stderr } = await done
      expect(code, `${stdout}${stderr}`).toBe(1)
      expect(await leftoversLater(before, marker)).toEqual([])
    },
  )
})

interface Observation {
  /** Milliseconds after the start. */
  moment: number
  /** Processes of the run just before the kill. */
  processes: number
  left: string[]
}

/** At first when there are daemons; then at shares of the time that this took, which depends on the machine and what else it does. */
async function killRepeatedly(cell: AnyCell, shares: readonly number[]): Promise<Observation[]> {
  await using project = await createProject(cell, 'busy')
  const killWhen = async (isTime: (marker: string) => Promise<unknown>): Promise<Observation> => {
    const before = snapshot()
    const begun = performance.now()
    const { child, marker, done } = startTests(cell, { cwd: project.dir })
    try {
      await isTime(marker)
      const moment = performance.now() - begun
      const processes = markedProcesses(marker).length
      child.kill('SIGKILL')
      await once(child, 'exit')
      return { moment, processes, left: await leftoversLater(before, marker) }
    } finally {
      endProcesses(marker)
      await done
    }
  }
  const first = await killWhen((marker) => waitFor('the daemons', () => daemons(marker) > 1, patient))
  const seen = [first]
  for (const share of shares) seen.push(await killWhen(() => sleep(share * first.moment)))
  return seen
}

/** A busy machine takes its time to start a runner. */
const patient = { limit: 90_000 }

/** From before the supervisor exists to long after the tests run, as shares of the time until they do. */
function randomShares(from: number): number[] {
  let state = from
  return Array.from({ length: perCell - 1 }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return 0.1 + (state / 2 ** 32) * (index % 3 === 0 ? 2.5 : 1.25)
  })
}

function daemons(marker: string): number {
  return markedProcesses(marker).filter(({ command }) => command.startsWith('sleep 1000')).length
}

function nativesOf(marker: string): Natives | undefined {
  return nativesAmong(markedProcesses(marker).map(({ pid }) => pid))
}
