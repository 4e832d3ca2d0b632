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

/** better-sqlite3 brings binaries along from its version 13 on, which wants Node.js 22. */
const namesOn = (version: number): string[] => [
  ...['sharp', '@swc/core', 'libsql', 'bcrypt'],
  ...(version < 22 ? [] : ['better-sqlite3']),
]

/** A worker for each. */
async function use(
  names: readonly string[],
  node: string,
  worker: 'fork' | 'spawn',
  preload: readonly string[] = [],
): Promise<Outcome[]> {
  const probes = names.map((name) => [name, from])
  const spec = { worker, preload, root: from, entry: 'addons.mjs', probes }
  const { stdout } = await promisify(execFile)(node, [driver, JSON.stringify(spec)], { maxBuffer: 64 << 20 })
  const { outcomes, notices } = JSON.parse(stdout) as { outcomes: Outcome[]; notices: string[] }
  expect(notices.filter((notice) => notice.includes('fork'))).toEqual([])
  return outcomes
}

describe.each([20, 22, 24, 26] as const)('on Node.js %i', (version) => {
  requires('userns', 'addons', `node${version}`)

  const names = namesOn(version)

  test(names.join(', '), async () => {
    const node = nodeBinary(version)
    const fresh = await use(names, node, 'spawn')
    for (const outcome of fresh) {
      expect(outcome).toMatchObject({ value: { loaded: false }, verdict: { kind: 'passed-through' } })
      expect(outcome.value?.value).not.toEqual([])
    }
    expect(await use(names, node, 'fork')).toEqual(fresh)
    const loaded = fresh.map((outcome) => ({ ...outcome, value: { ...outcome.value, loaded: true } }))
    expect(await use(names, node, 'fork', names)).toEqual(loaded)
  })
})
