/** Projects of every kind: what is sandboxed is, and what is not is said. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const body = `
import { hostname } from 'node:os'
import { expect, inject, test } from 'vitest'
test('where am I', () => console.log('AT', process.env.NAMED, hostname() === 'glovebox' ? 'sandboxed' : 'outside', inject('shared'), typeof globalThis.gc, process.env.ROOTED))`

const files = {
  'vitest.config.ts': config(`{
    globalSetup: ['./global.ts'],
    env: { ROOTED: 'root' },
    projects: [
      { extends: true, test: { name: 'extending', include: ['shared/*.spec.ts'], env: { NAMED: 'extending' }, execArgv: ['--expose-gc'] } },
      { test: { name: 'inline', include: ['shared/*.spec.ts'], env: { NAMED: 'inline' } } },
      { extends: false, test: { name: 'apart', include: ['shared/*.spec.ts'], env: { NAMED: 'apart' } } },
      { root: './rooted', test: { name: 'rooted', include: ['*.spec.ts'], env: { NAMED: 'rooted' } } },
      async () => ({ test: { name: 'function', include: ['shared/*.spec.ts'], env: { NAMED: 'function' } } }),
      { test: { name: 'threads', include: ['shared/*.spec.ts'], env: { NAMED: 'threads' }, pool: 'threads' } },
      { test: { name: 'vm', include: ['shared/*.spec.ts'], env: { NAMED: 'vm' }, pool: 'vmThreads' } },
      './packages/*',
    ],
  }`),
  'global.ts': `export default ({ provide }) => provide('shared', 'provided')`,
  'shared/a.spec.ts': body,
  'rooted/b.spec.ts': body,
  'packages/with/package.json': '{ "name": "with", "type": "module" }',
  'packages/with/vitest.config.ts': config(`{ name: 'with', env: { NAMED: 'with' } }`),
  'packages/with/c.test.ts': body,
  'packages/without/package.json': '{ "name": "without", "type": "module" }',
  'packages/without/vitest.config.ts': `export default { test: { name: 'without', env: { NAMED: 'without' } } }`,
  'packages/without/d.test.ts': body,
}

eachCell((cell, available) => {
  let result: Run
  let lines: string[]
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    result = await run(cell, project)
    lines = printed(result).match(/^AT .*$/gm) ?? []
  })

  test.each([
    ['extending', 'sandboxed provided function root'],
    ['inline', 'sandboxed provided'],
    ['apart', 'sandboxed provided'],
    ['rooted', 'sandboxed provided'],
    ['function', 'sandboxed provided'],
    ['with', 'sandboxed provided'],
    ['threads', 'outside provided'],
    ['vm', 'outside provided'],
    ['without', 'outside provided'],
  ])('%s: %s', (name, where) => {
    expect(lines.filter((line) => line.startsWith(`AT ${name} `))).toEqual([
      expect.stringContaining(`AT ${name} ${where}`),
    ])
  })

  test('all pass, and those that are not sandboxed are named with the reason', () => {
    expect(Object.values(outcomes(result)).filter((state) => !state.startsWith('passed'))).toEqual([])
    expect(result.stderr.match(/Glovebox: .*not sandboxed.*/g)?.sort()).toEqual([
      "Glovebox: Test files of project 'threads' are not sandboxed: their pool is 'threads', by your choice.",
      "Glovebox: Test files of project 'vm' are not sandboxed: their pool is 'vmThreads', by your choice.",
      "Glovebox: Test files of project 'without' are not sandboxed: the configuration of that project has no glovebox plugin.",
    ])
  })
})
