/** What Vitest sets up once a process must be set up for each file as if the process were its own, also where workers are forked. */
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, run, runPlain } from './support.js'

const globals = `
describe('globals', () => {
  it('are there', () => expect(vi.fn()).toBeTypeOf('function'))
})`
const imports = `
import { expect, test } from 'vitest'
test('globals are not there', () => expect(globalThis.describe).toBeUndefined())`
const server = `
import { expect, test } from 'vitest'
test('is a server', () => expect([import.meta.env.SSR, typeof window]).toEqual([true, 'undefined']))`
const client = `
// @vitest-${'environment'} jsdom
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
test('is a browser', () => expect([import.meta.env.SSR, typeof window]).toEqual([false, 'object']))
test('requires stylesheets', () => expect(createRequire(import.meta.url)('./style.css')).toBe(''))`
const projects = `[
  { extends: true, test: { name: 'with', globals: true, include: ['globals.test.ts'] } },
  { extends: true, test: { name: 'without', include: ['imports.test.ts'] } },
]`

eachCell((cell) => {
  test.each([
    ['globals', '{ globals: true }', { 'globals.test.ts': globals }],
    ['no globals', '{}', { 'imports.test.ts': imports }],
    [
      'files of two environments',
      '{}',
      { 'server.test.ts': server, 'client.test.ts': client, 'style.css': 'a { color: red }' },
    ],
    [
      'two projects that differ in their globals',
      `{ projects: ${projects} }`,
      { 'globals.test.ts': globals, 'imports.test.ts': imports },
    ],
  ])('%s', async (_, settings, files) => {
    await using project = await createProject(cell, { 'vitest.config.ts': config(settings), ...files })
    const plain = outcomes(await runPlain(cell, project))
    expect(Object.values(plain)).not.toEqual([])
    expect(Object.values(plain).every((outcome) => outcome.startsWith('passed'))).toBe(true)
    expect(outcomes(await run(cell, project))).toEqual(plain)
  })
})
