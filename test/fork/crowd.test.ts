/** What workers of one template must not share: a file that is open twice carries words, wakes sleepers, and breaks who ends beside another. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { descendants, descriptorsOf } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { nodeBinary } from '../setup/matrix.mjs'
import { forked, open, run, templates } from './session.js'

requires('userns')

const crowd = new URL('./crowd.mjs', import.meta.url).pathname

interface Crowd {
  /** Exit codes, or signals. */
  ends: (number | string)[]
  common: string[]
  processes: number
  looked: number
}

/** One worker writes down for its template which pages it uses. */
const isListOfPages = (each: string) => /^memory \S+ \d+ \/dev\/zero of \d+ \d+$/.test(each)

async function gather(version: 20 | 22 | 24 | 26, workers: number, rounds: number): Promise<Crowd> {
  const args = [crowd, String(workers), String(rounds)]
  const { stdout } = await promisify(execFile)(nodeBinary(version), args, { maxBuffer: 64 << 20 })
  return JSON.parse(stdout) as Crowd
}

describe.each([20, 22, 24, 26] as const)('on Node.js %i', (version) => {
  requires(`node${version}`)

  test('24 workers share nothing with each other or their template, and all end well at the same moment', async () => {
    const { ends, common, processes, looked } = await gather(version, 24, 3)
    expect(processes).toBeGreaterThan(24)
    expect(looked).toBeGreaterThan(24 * 3)
    expect(common.filter((each) => !isListOfPages(each))).toEqual([])
    expect(ends).toEqual(Array(3 * 24).fill(0))
  })
})

test('64 workers at once', async () => {
  const { ends, common } = await gather(20, 64, 1)
  expect(common.filter((each) => !isListOfPages(each))).toEqual([])
  expect(ends).toEqual(Array(64).fill(0))
})

/** Kilobytes, shared or not: with whom it shares them changes. */
function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

test('a thousand workers leave nothing open, no process and no memory in their template', async () => {
  const session = await open('fork', { maxWorkers: 4 })
  let left = 0
  const runSome = async () => {
    while (left-- > 0) expect(await run(session)).toEqual(forked)
  }
  const runMany = async (count: number) => {
    left = count
    await Promise.all([runSome(), runSome(), runSome(), runSome()])
  }
  await runMany(50)
  const [template, ...more] = templates() as [number]
  expect(more).toEqual([])
  const atRest = async () => {
    let before = -1
    return waitFor('the template to be at rest', () => {
      const now = descriptorsOf(template).length
      const same = now === before
      before = now
      return same ? now : undefined
    })
  }
  const descriptors = await atRest()
  const memory = residentMemory(template)
  await runMany(950)
  // As many workers as may run can be prepared; the template holds a descriptor of each.
  await waitFor('descriptors to be closed', () => descriptorsOf(template).length <= descriptors + 4)
  await waitFor('workers to be gone', () => descendants(template).length <= 4)
  expect(templates()).toEqual([template])
  expect(residentMemory(template)).toBeLessThan(memory + 16 * 1024)
})
