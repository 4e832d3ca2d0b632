/** Shards run in sandboxes, write blobs, and are merged with what the files used. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { createProject, eachCell, printed, run } from './support.js'

const files = Object.fromEntries(
  ['a', 'b', 'c', 'd'].map((name) => [
    `${name}.test.ts`,
    `import { hostname } from 'node:os'\nimport { expect, test } from 'vitest'\ntest('${name}', () => expect(hostname()).toBe('glovebox'))`,
  ]),
)

eachCell((cell, available) => {
  let shards: Run[]
  let merged: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    shards = []
    for (const shard of ['1/2', '2/2']) {
      shards.push(await run(cell, project, [], { args: ['--run', `--shard=${shard}`, '--reporter=blob'] }))
    }
    merged = await run(cell, project, [], {
      args: ['--merge-reports', '--reporter=default'],
      env: { GLOVEBOX_REPORT: 'full' },
    })
  })

  test('each runs its part, and together they are whole', () => {
    expect(shards.map(({ code }) => code)).toEqual([0, 0])
    expect(merged.code, printed(merged)).toBe(0)
    expect(printed(merged)).toMatch(/Test Files +4 passed \(4\)/)
  })

  test('the merged report has the table of all files', () => {
    for (const name of Object.keys(files))
      expect(merged.stderr).toMatch(new RegExp(`│ ${name} +│ +[\\d.]+m?s`))
  })
})
