/** Workers that are forked from a warm template do what those do that are started afresh. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { config, createProject, eachCell, printed, run } from './support.js'

const identity = `
test('is a process of its own', () => console.log('SEEN', process.pid, Math.random(), require('crypto').randomUUID(), process.argv.length))
test('knows its environment', () => expect([process.env.JEST_WORKER_ID, process.env.NODE_ENV, process.env.MARK]).toEqual(['1', 'test', 'mark']))
test('sees no trace of what warmed the template', () => {
  expect(Object.keys(globalThis).filter((name) => /warm/i.test(name))).toEqual([])
  expect(expect.getState().testPath).toBe(__filename)
  expect(performance.now()).toBeLessThan(60_000)
})`

const files = {
  'a.test.js': identity,
  'b.test.js': identity,
  'typed.test.ts': `import { value } from './typed'\ntest('TypeScript', () => expect(value as number).toBe(1))`,
  'typed.ts': `export const value: unknown = 1`,
  'dom.test.js': `/** @jest-${'environment'} jsdom */\ntest('dom', () => { document.body.innerHTML = '<p>text</p>'; expect(document.querySelector('p').textContent).toBe('text') })`,
  'module.test.mjs': `
import { jest } from '@jest/globals'
import { readFile } from 'node:fs/promises'
const { value } = await import('./module.mjs')
test('an ES module', async () => { expect([value, typeof jest.fn(), import.meta.url]).toEqual(['module', 'function', expect.stringContaining('module.test.mjs')]); await readFile(new URL(import.meta.url)) })`,
  'module.mjs': `export const value = 'module'`,
  'snapshot.test.js': `test('snapshot', () => expect({ a: 1 }).toMatchSnapshot())`,
  'thrown.test.js': `test('is ended by an error that nobody catches', (done) => { done(); setImmediate(() => { throw new Error('nobody caught this') }) })`,
}

eachCell((cell, available) => {
  describe.each(['spawn', 'fork'])('%s', (worker) => {
    let result: Run
    let snapshot: string
    beforeAll(async () => {
      if (!available) return
      await using project = await createProject(cell, {
        ...files,
        'jest.config.js': config(
          `{ testMatch: ['**/*.test.*'], moduleFileExtensions: ['js', 'mjs', 'ts'] }`,
          `{ worker: '${worker}' }`,
        ),
      })
      result = await run(cell, project, ['--ci=false', '--maxWorkers=1'], {
        execArgv: ['--experimental-vm-modules', '--no-warnings'],
        env: { MARK: 'mark' },
      })
      snapshot = await project.read('__snapshots__/snapshot.test.js.snap')
    })

    test('all tests pass, but those that should not', () => {
      const { testResults = [] } = result.report ?? {}
      const failed = testResults
        .filter(({ status }) => status === 'failed')
        .map(({ name, message }) => name.split('/').at(-1) + message)
      expect(
        failed.filter((each) => !each.startsWith('thrown')),
        printed(result).slice(-4000),
      ).toEqual([])
      expect(testResults.length).toBe(Object.keys(files).length - 2)
      expect(snapshot).toContain('"a": 1')
      expect(result.stderr).not.toContain('started afresh')
    })

    test('processes differ in what is random', () => {
      const seen = [...printed(result).matchAll(/SEEN (\d+) (\S+) (\S+) (\d+)/g)].map(
        ([, , random, uuid]) => [random, uuid],
      )
      expect(seen).toHaveLength(2)
      expect(new Set(seen.flat()).size).toBe(4)
    })
  })
})
