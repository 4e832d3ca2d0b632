/** Three hundred files in a row: what the runner and the supervisor hold does not grow with the number of files. */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import {
  descendants,
  descriptorsOf,
  isFirstOfNamespace,
  leftovers,
  memoryOf,
  ourCgroups,
  ownerOf,
  type Snapshot,
  snapshot,
} from '../harness/leftovers.js'
import type { Run } from '../harness/run-runner.js'
import { type AnyCell, describeCells } from './cells.js'
import { createProject, startTests } from './runner.js'

const files = 300

/** One of each: root with cgroups, and an ordinary user. GLOVEBOX_MATRIX=full: with Jest as well. */
const longRuns: readonly AnyCell[] = [
  { node: 24, vitest: '5.1', as: 'root' },
  { node: 20, vitest: '4.1', as: 'user' },
  ...(process.env.GLOVEBOX_MATRIX === 'full' ? ([{ node: 24, jest: '30', as: 'root' }] as const) : []),
]

interface Sample {
  done: number
  runnerDescriptors: number
  supervisorDescriptors: number
  supervisorMounts: number
  supervisorMemory: number
  runnerMemory: number
  cgroups: number
}

describeCells(longRuns, (cell, available) => {
  let before: Snapshot
  let run: Run
  let marker: string
  let samples: Sample[] = []
  beforeAll(async () => {
    if (!available) return
    before = snapshot()
    ;({ run, marker, samples } = await runMany(cell))
  }, 400_000)

  test('all files pass', () => {
    expect(run.code).toBe(0)
    expect(run.report?.testResults.length).toBe(files)
  })

  test.each(['runnerDescriptors', 'supervisorDescriptors', 'supervisorMounts', 'cgroups'] as const)(
    'the number of %s late in the run is what it was early on',
    (key) => {
      const { early, late } = halves(samples)
      expect(early.length).toBeGreaterThan(5)
      // Two sandboxes more or fewer at a time are not growth; one for each ten files would be.
      expect(highest(late, key) - highest(early, key)).toBeLessThan(20)
    },
  )

  test('the supervisor holds no more memory late in the run', () => {
    const { early, late } = halves(samples)
    expect(highest(late, 'supervisorMemory') - highest(early, 'supervisorMemory')).toBeLessThan(1 << 20)
  })

  test('the runner grows by what it keeps for a file by itself, not by a worker', () => {
    const { early, late } = halves(samples)
    const growth = highest(late, 'runnerMemory') - highest(early, 'runnerMemory')
    expect(growth / (files / 2)).toBeLessThan(600 << 10)
  })

  test('nothing is left afterwards', () => {
    expect(leftovers(before, marker)).toEqual([])
  })
})

async function runMany(cell: AnyCell): Promise<{ run: Run; marker: string; samples: Sample[] }> {
  const body = `import { expect, test } from 'vitest'\ntest('adds', () => expect(1 + 1).toBe(2))\n`
  const names = Array.from({ length: files }, (_, index) => `many/${index}.test.js`)
  await using project = await createProject(
    cell,
    'busy',
    Object.fromEntries(names.map((name) => [name, body])),
  )
  const { child, marker, done } = startTests(cell, { cwd: project.dir, directory: 'many', limit: 360_000 })
  const samples: Sample[] = []
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk
    })
  }
  const timer = setInterval(() => {
    const finished = printed.match(/✓|^PASS /gm)?.length ?? 0
    const sample = finished > 20 ? look(child.pid ?? 0, finished) : undefined
    if (sample) samples.push(sample)
  }, 250)
  const run = await done.finally(() => clearInterval(timer))
  return { run, marker, samples }
}

/** `undefined` if the run ended while we looked. */
function look(runner: number, done: number): Sample | undefined {
  const ours = descendants(runner)
  const supervisor = ours.find(isFirstOfNamespace)
  if (supervisor === undefined) return undefined
  const runnerMemory = memoryOf(runner)
  const supervisorMemory = memoryOf(supervisor)
  if (runnerMemory === undefined || supervisorMemory === undefined) return undefined
  return {
    done,
    runnerDescriptors: descriptorsOf(runner).length,
    supervisorDescriptors: descriptorsOf(supervisor).length,
    supervisorMounts: readFileSync(`/proc/${supervisor}/mounts`, 'utf8').split('\n').length,
    supervisorMemory,
    runnerMemory,
    cgroups: ourCgroups()
      .filter((path) => ours.includes(ownerOf(path)))
      .reduce((sum, path) => sum + subdirectories(path), 0),
  }
}

function subdirectories(path: string): number {
  try {
    return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length
  } catch {
    return 0
  }
}

function halves(samples: Sample[]): { early: Sample[]; late: Sample[] } {
  return {
    early: samples.filter(({ done }) => done < files / 2),
    late: samples.filter(({ done }) => done >= files / 2),
  }
}

function highest(samples: Sample[], key: keyof Sample): number {
  return Math.max(0, ...samples.map((sample) => sample[key]))
}
