import type { Config } from '@jest/types'
import { expect, test } from 'vitest'
import { isBelow } from './cache.js'
import { noticesOf } from './notices.js'
import { optionsOf, withoutOptions } from './options.js'
import { maxWorkers, workerEnvironment, workerExecArgv } from './worker-options.js'

const project = (glovebox?: unknown) =>
  ({
    testEnvironmentOptions: { url: 'http://a', ...(glovebox !== undefined && { glovebox }) },
  }) as unknown as Config.ProjectConfig
const run = (config: Partial<Config.GlobalConfig>) => ({ maxWorkers: 4, ...config }) as Config.GlobalConfig

test("a project's options lie over those of the runner, and reach no environment", () => {
  expect(optionsOf(project({ limits: { pids: 1 } }), { limits: { pids: 2, memory: 3 } })).toEqual({
    limits: { pids: 1, memory: 3 },
  })
  expect(optionsOf(project(), undefined)).toEqual({})
  expect(withoutOptions(project({ limits: {} })).testEnvironmentOptions).toEqual({ url: 'http://a' })
})

test('one file at a time where Jest wants it so', () => {
  expect(maxWorkers(run({}))).toBe(4)
  expect(maxWorkers(run({ runInBand: true }))).toBe(1)
  expect(maxWorkers(run({ detectOpenHandles: true }))).toBe(1)
})

test('workers get the flags of Node.js but those of its debugger, and colours where Jest has them', () => {
  expect(workerExecArgv(['--inspect-brk', '--expose-gc', '--inspect=1'])).toEqual(['--expose-gc'])
  expect(workerEnvironment({ A: '1' }, 1)).toEqual({ A: '1' })
  expect(workerEnvironment({ A: '1' }, 24)).toEqual({ A: '1', FORCE_COLOR: '3' })
  expect(workerEnvironment({ FORCE_COLOR: '0' }, 24)).toEqual({ FORCE_COLOR: '0' })
})

test('what sees no test file is said', () => {
  expect(noticesOf(run({}), [])).toEqual([])
  expect(noticesOf(run({ detectOpenHandles: true }), ['--inspect-brk'])).toEqual([
    expect.stringContaining('--detectOpenHandles'),
    expect.stringContaining('debugger'),
  ])
})

test('only what lies below the cache goes into it', () => {
  expect(isBelow('/cache/a/b', '/cache')).toBe(true)
  for (const path of ['/cache', '/cached', '/cache/../etc/passwd', '/etc/passwd', 'cache/a']) {
    expect(isBelow(path, '/cache')).toBe(false)
  }
})
