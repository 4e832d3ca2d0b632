/** Features of Vitest that reach into the worker, each as under Vitest's own pool: one project, run once with either. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'vitest.config.ts': config(`{
    globalSetup: ['./global.ts'],
    setupFiles: ['./setup.ts'],
    env: { FROM_CONFIG: 'yes' },
    execArgv: ['--expose-gc'],
    retry: 1,
    testTimeout: 20_000,
  }`),
  'global.ts': `
export default function ({ provide }) {
  provide('given', { nested: ['value'] })
  process.env.FROM_GLOBAL_SETUP = 'set in main'
  return () => console.log('torn down in', process.pid === Number(process.env.VITEST_MAIN ?? process.pid) ? 'main' : 'worker')
}`,
  'setup.ts': `
import { beforeEach } from 'vitest'
globalThis.setUp = (globalThis.setUp ?? 0) + 1
beforeEach(({ task }) => { task.meta.seen = true })`,
  'lib.ts': `
export interface Thrower { (): never }


export const thrower: Thrower = () => { throw new Error('from the library') }`,
  'node.test.ts': `
import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { thrower } from './lib'
test('global setup provides', () => expect(inject('given')).toEqual({ nested: ['value'] }))
test('setup files ran once', () => expect(globalThis.setUp).toBe(1))
test('variables of the configuration', () => expect(process.env.FROM_CONFIG).toBe('yes'))
test('variables that global setup set', () => expect(process.env.FROM_GLOBAL_SETUP).toBe('set in main'))
test('variables of the runner', () => expect([process.env.VITEST, process.env.VITEST_POOL_ID, process.env.NODE_ENV]).toEqual(['true', '1', 'test']))
test('flags of Node.js', () => expect(typeof globalThis.gc).toBe('function'))
let tries = 0
test('is retried', () => expect(++tries).toBe(2))
test('a stack trace is mapped to the source', () => thrower())
test('prints', () => { console.log('by console.log'); console.error('by console.error'); process.stdout.write('by stdout\\n') })
test('process.exit is an error', () => process.exit(3))
test('rejects without anybody looking', async () => { Promise.reject(new Error('nobody looked')); await new Promise((done) => setTimeout(done, 20)) })
test('times out', () => new Promise(() => {}), 50)
vi.mock('./mocked', () => ({ value: 'mocked' }))
test('mocks', async () => expect((await import('./mocked')).value).toBe('mocked'))
test.skip('skipped', () => {})
test.todo('todo')
test.fails('fails as expected', () => { throw new Error('expected') })
describe('hooks', () => {
  afterAll(() => { throw new Error('from afterAll') })
  test('before the failing hook', () => {})
})`,
  'mocked.ts': `export const value = 'real'`,
  'jsdom.test.ts': `
// @vitest-${'environment'} jsdom
import { expect, test } from 'vitest'
test('has a document', () => { document.body.innerHTML = '<p>text</p>'; expect(document.querySelector('p').textContent).toBe('text') })
test('is jsdom', () => expect(navigator.userAgent).toContain('jsdom'))`,
  'happy.test.ts': `
// @vitest-${'environment'} happy-dom
import { expect, test } from 'vitest'
test('has a window', () => { expect(window.document.createElement('a').tagName).toBe('A') })
test('is happy-dom', () => expect('happyDOM' in window).toBe(true))`,
  'nothing.test.ts': `export {}`,
  'syntax.test.ts': `import { test } from 'vitest'\ntest('never runs', () => {`,
  'missing.test.ts': `import './does-not-exist'`,
}

eachCell((cell, available) => {
  let plain: Run
  let sandboxed: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    plain = await runPlain(cell, project)
    sandboxed = await run(cell, project)
  })

  test('every test ends the same way, with the same errors', () => {
    const expected = outcomes(plain)
    expect(Object.keys(expected).length).toBeGreaterThan(25)
    expect(expected['node.test.ts > is retried']).toMatch(/^passed/)
    expect(expected['jsdom.test.ts > is jsdom']).toBe('passed')
    expect(expected['node.test.ts > variables that global setup set']).toBe('passed')
    expect(outcomes(sandboxed)).toEqual(expected)
    expect(sandboxed.code).toBe(plain.code)
  })

  test('what tests attach to themselves arrives', () => {
    const metas = (result: Run) =>
      result.report?.testResults.flatMap(({ assertionResults }) =>
        assertionResults.map(({ meta }) => meta?.seen),
      )
    expect(metas(sandboxed)).toEqual(metas(plain))
    expect(metas(sandboxed)).toContain(true)
  })

  test.each([
    'stdout | node.test.ts > prints\nby console.log',
    'stderr | node.test.ts > prints\nby console.error',
    'by stdout',
    'torn down in main',
    ' lib.ts:5:',
    'Error: nobody looked',
    'This error originated in "node.test.ts" test file',
  ])('prints %j', (text) => {
    expect(printed(plain)).toContain(text)
    expect(printed(sandboxed)).toContain(text)
  })

  test('counts the same', () => {
    const counts = (result: Run) => printed(result).match(/^ +(Test Files|Tests|Errors) .*$/gm)
    expect(counts(sandboxed)).toEqual(counts(plain))
  })
})
