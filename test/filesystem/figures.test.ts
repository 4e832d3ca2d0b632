/** A file, and what it starts, is told a machine as large as its limits, whoever asks and however. (On cgroup v2: test/cgroup2/limits.test.ts) */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { expect, test } from 'vitest'
import { moduleOf } from '../harness/run-vitest.js'
import { config, createProject, eachCell, run } from '../vitest/support.js'

const MiB = 2 ** 20

/** Tells what it and its children see; waits until the free memory has followed what it took. */
const probe = `
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { expect, test } from 'vitest'
const say = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim()
const figures = ({ cpus, availableParallelism, totalmem }) => [cpus().length, availableParallelism(), totalmem() / 2 ** 20]
test('probe', async ({ task }) => {
  const taken = Buffer.alloc(64 * 2 ** 20, 1)
  await expect.poll(() => os.totalmem() - os.freemem(), { timeout: 60_000, interval: 20 }).toBeGreaterThan(taken.length)
  const failing = (path) => { try { fs.appendFileSync(path, 'x'); return 'written' } catch ({ code }) { return code } }
  task.meta.seen = {
    own: figures(os),
    child: JSON.parse(say(process.execPath, '-p', 'JSON.stringify((' + figures + ')(require("os")))')),
    childFree: Number(say(process.execPath, '-p', 'os.freemem() / 2 ** 20')),
    nproc: Number(say('nproc')),
    online: Number(say('getconf', '_NPROCESSORS_ONLN')),
    processors: fs.readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm).length,
    free: say('free', '-m').split('\\n')[1].split(/\\s+/).slice(1, 2).map(Number),
    writes: ['/proc/meminfo', '/proc/stat'].map(failing),
  }
}, 70_000)
`

interface Seen {
  own: number[]
  child: number[]
  childFree: number
  nproc: number
  online: number
  processors: number
  free: number[]
  writes: string[]
}

eachCell((cell) => {
  test.each(['fork', 'spawn'])('%s', async (worker) => {
    // An ordinary user has no cgroup here, so no quota of CPU time: there is as much of it as the machine has.
    const quota = cell.as === 'root' ? { cpus: 0.5 } : {}
    const options = { worker, limits: { memory: '512MiB', ...quota } }
    await using project = await createProject(cell, {
      'vitest.config.ts': config('{}', JSON.stringify(options)),
      'probe.test.ts': probe,
    })
    const result = moduleOf(await run(cell, project), 'probe.test.ts')
    expect(result).toMatchObject({
      assertionResults: [{ failureMessages: [] }],
      status: 'passed',
      message: '',
    })
    const seen = result.assertionResults[0]?.meta?.seen as Seen
    const cpus = cell.as === 'root' ? 1 : os.cpus().length
    expect(seen).toMatchObject({
      own: [cpus, cpus, 512],
      child: [cpus, cpus, 512],
      nproc: cpus,
      online: cpus,
      processors: cpus,
      free: [512],
    })
    expect(seen.childFree).toBeLessThan(512 - 64)
    expect(seen.writes).not.toContain('written')
  })
})

test('positive control: outside, the same questions have the answers of this machine', () => {
  expect(os.totalmem()).toBeGreaterThan(512 * MiB)
  expect(os.totalmem() - os.freemem()).not.toBeNaN()
  expect(readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)).toHaveLength(os.cpus().length)
  expect(os.cpus().length).toBeGreaterThan(1)
  expect(Number(execFileSync('nproc', { encoding: 'utf8' }))).toBeGreaterThan(1)
})
