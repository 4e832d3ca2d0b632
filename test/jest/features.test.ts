/** Features of Jest that reach into the worker, each as without Glovebox: one project, run once with and once without. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { config, createProject, eachCell, otherCells, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'jest.config.js': config(`{
    testTimeout: 60_000,
    globalSetup: './global-setup.js',
    globalTeardown: './global-teardown.js',
    globals: { fromConfig: { nested: true } },
    projects: [
      {
        displayName: 'node',
        testMatch: ['**/node/*.test.[jt]s'],
        setupFiles: ['./setup.js'],
        setupFilesAfterEnv: ['./after-env.js'],
        moduleNameMapper: { '^mapped$': '<rootDir>/real.js' },
        resolver: './resolver.js',
      },
      { displayName: 'dom', testMatch: ['**/dom/*.test.js'], testEnvironment: 'jsdom', testEnvironmentOptions: { url: 'http://localhost/path' } },
      { displayName: 'typescript', preset: 'ts-jest', testMatch: ['**/ts/*.test.ts'] },
    ],
  }`),
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'commonjs', target: 'es2022', types: [], isolatedModules: true },
  }),
  'global-setup.js': `module.exports = () => { process.env.FROM_GLOBAL_SETUP = 'yes' }`,
  'global-teardown.js': `module.exports = () => console.log('torn down')`,
  'setup.js': `globalThis.setUp = (globalThis.setUp ?? 0) + 1`,
  'after-env.js': `expect.extend({ toBeOdd: (value) => ({ pass: value % 2 === 1, message: () => value + ' is even' }) })`,
  'resolver.js': `module.exports = (path, options) => options.defaultResolver(path === 'resolved' ? './real' : path, path === 'resolved' ? { ...options, basedir: __dirname } : options)`,
  'real.js': `module.exports = 'real'`,
  'lib.ts': `
export interface Thrower { (): never }


export const thrower: Thrower = () => { throw new Error('from the library') }`,
  'node/node.test.js': `
import { thrower } from '../lib'
test('global setup sets variables', () => expect(process.env.FROM_GLOBAL_SETUP).toBe('yes'))
test('setup files ran once', () => expect(globalThis.setUp).toBe(1))
test('matchers are extended', () => expect(3).toBeOdd())
test('modules are mapped', () => expect([require('mapped'), require('resolved')]).toEqual(['real', 'real']))
test('variables of the runner', () => expect([process.env.NODE_ENV, process.env.JEST_WORKER_ID]).toEqual(['test', '1']))
test('a stack trace is mapped to the source', () => thrower())
test('prints', () => { console.log('by console.log'); console.error('by console.error'); process.stdout.write('by stdout\\n') })
test('times out', () => new Promise(() => {}), 50)
jest.mock('../real', () => 'mocked')
test('mocks', () => expect(require('../real')).toBe('mocked'))
test('fakes timers', () => { jest.useFakeTimers(); const called = jest.fn(); setTimeout(called, 1e6); jest.runAllTimers(); expect(called).toHaveBeenCalled(); jest.useRealTimers() })
test.skip('skipped', () => {})
test.todo('todo')
test.failing('fails as expected', () => { throw new Error('expected') })
test.concurrent('concurrent', async () => {})
test.each([[1, 2], [2, 4]])('%i doubled is %i', (a, b) => expect(a * 2).toBe(b))
describe('group', () => { afterAll(() => { throw new Error('from afterAll') }); test('before the failing hook', () => {}) })`,
  'node/retries.test.js': `
jest.retryTimes(2)
let tries = 0
test('is retried', () => expect(++tries).toBe(2))`,
  'node/values.test.js': `
test('functions', () => expect({ call: () => 1 }).toEqual({ call: Symbol('one') }))
test('not an error', () => { throw { code: 7, call() {} } })
test('a cause', () => { throw new Error('outer', { cause: new Error('inner') }) })`,
  'node/nothing.test.js': ``,
  'node/syntax.test.js': `test('never runs', () => {`,
  'node/missing.test.js': `require('./does-not-exist')`,
  'dom/dom.test.js': `
test('has a document', () => { document.body.innerHTML = '<p>text</p>'; expect(document.querySelector('p').textContent).toBe('text') })
test('has its options, and none of ours', () => expect([location.pathname, typeof window.glovebox]).toEqual(['/path', 'undefined']))`,
  'dom/pragma.test.js': `/** @jest-${'environment'} node */\ntest('has no document', () => expect(typeof document).toBe('undefined'))`,
  'ts/ts.test.ts': `const value: number = 1\ntest('typed', () => { expect(value as number).toBe(1) })`,
}

/** What differs from run to run, or with where a module of Jest lies. */
function report({ report }: Run): unknown {
  const { testResults = [], ...rest } = report ?? {}
  const counts = Object.entries(rest).filter(([key]) => key.startsWith('num'))
  const messages = testResults.map(({ name, message }) => [
    name.split('/').at(-1),
    // Where the frames of Jest itself lie is Jest's business.
    message.split('\n').filter((line) => !/^ +at .*(node_modules|node:|Promise\.all|Array\.map)/.test(line)),
  ])
  return { counts, messages: messages.toSorted() }
}

function features(cell: Parameters<Parameters<typeof eachCell>[0]>[0], available: boolean): void {
  let plain: Run
  let sandboxed: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    plain = await runPlain(cell, project, ['--maxWorkers=2', '--workerThreads=false'])
    sandboxed = await run(cell, project, ['--maxWorkers=1'])
  })

  test('every test ends the same way', () => {
    const expected = outcomes(plain)
    expect(Object.keys(expected).length).toBeGreaterThan(30)
    expect(expected['retries.test.js > is retried']).toBe('passed')
    expect(outcomes(sandboxed)).toEqual(expected)
    expect(sandboxed.code).toBe(plain.code)
  })

  test('what is said of failures is the same, to the line', () => {
    expect(report(sandboxed)).toEqual(report(plain))
  })

  test.each([
    'console.log\n      by console.log',
    'console.error\n      by console.error',
    'by stdout',
    'torn down',
    'lib.ts:5:',
  ])('prints %j', (text) => {
    expect(printed(plain)).toContain(text)
    expect(printed(sandboxed)).toContain(text)
  })
}

eachCell(features)
eachCell(features, otherCells)
