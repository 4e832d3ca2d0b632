/** Native addons: loaded by a forked worker, or in the template already, they do what they do in a fresh process. */
import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { modulesOf, nodeBinary } from '../setup/matrix.mjs'

const driver = new URL('./driver.mjs', import.meta.url).pathname
const from = dirname(modulesOf('addons'))

interface Outcome {
  value?: { loaded: boolean; value: unknown }
  verdict: { kind: string }
  output: { stdout: string; stderr: string }
}

async function use(
  node: string,
  worker: 'fork' | 'spawn',
  name: string,
  preload: string[] = [],
): Promise<Outcome> {
  const spec = { worker, preload, root: from, entry: 'addons.mjs', probes: [[name, from]] }
  const { stdout } = await promisify(execFile)(node, [driver, JSON.stringify(spec)], { maxBuffer: 64 << 20 })
  const { outcomes, notices } = JSON.parse(stdout) as { outcomes: Outcome[]; notices: string[] }
  expect(notices.filter((notice) => notice.includes('fork'))).toEqual([])
  return outcomes[0] as Outcome
}

describe.each([20, 22, 24, 26] as const)('on Node.js %i', (version) => {
  requires('userns', 'addons', `node${version}`)

  test.each(['sharp', '@swc/core'])('%s', async (name) => {
    const node = nodeBinary(version)
    const fresh = await use(node, 'spawn', name)
    expect(fresh).toMatchObject({ value: { loaded: false }, verdict: { kind: 'passed-through' } })
    expect(fresh.value?.value).not.toEqual([])
    expect(await use(node, 'fork', name)).toEqual(fresh)
    const ahead = await use(node, 'fork', name, [name])
    expect(ahead).toEqual({ ...fresh, value: { ...fresh.value, loaded: true } })
  })
})
