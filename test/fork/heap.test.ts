/** V8 gives up before the kernel kills, also in a file whose cap is lower than that of its run, whose template may let V8's young generation grow. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { nodeBinary } from '../setup/matrix.mjs'

const driver = new URL('./driver.mjs', import.meta.url).pathname

interface Outcome {
  value?: unknown
  output: { stderr: string }
  verdict: { kind: string }
}

/** From Node.js 24 on, V8's young generation alone could take 192 MiB. */
describe.each([24, 26] as const)('on Node.js %i', (version) => {
  requires('userns', `node${version}`)

  test('a file of 256 MiB in a run of 8 GiB ends with V8’s own message', async () => {
    const probes = [['isForked'], ['exhaustsItsHeapFast']]
    const spec = { worker: 'fork', file: 'capped.mjs', limits: { memory: '8GiB' }, probes }
    const { stdout } = await promisify(execFile)(nodeBinary(version), [driver, JSON.stringify(spec)])
    const { outcomes } = JSON.parse(stdout) as { outcomes: Outcome[] }
    const [first, leaking] = outcomes
    expect(first?.value).toEqual({ value: 'forked' })
    expect(leaking?.output.stderr).toContain('JavaScript heap out of memory')
    expect(leaking?.verdict).toMatchObject({
      kind: 'memory-limit',
      limit: 256 * 2 ** 20,
      kills: 0,
      heap: 176 * 2 ** 20,
    })
  })
})
