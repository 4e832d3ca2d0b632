import type { RunnerTask, RunnerTestFile } from 'vitest'
import { describe, expect, test } from 'vitest'
import { asModuleError, emptyModule, failedModule } from './module-failure.js'

const error = { name: 'Glovebox', message: 'Timeout: too long.\nRaise it.' }

type Result = RunnerTask['result']

function testTask(id: string, result?: Result, mode = 'run'): RunnerTask {
  return { id, name: id, type: 'test', mode, result, meta: {} } as unknown as RunnerTask
}

function suiteTask(id: string, tasks: RunnerTask[], result?: Result): RunnerTask {
  return { id, name: id, type: 'suite', mode: 'run', result, meta: {}, tasks } as unknown as RunnerTask
}

function moduleOf(tasks: RunnerTask[], result: Result = { state: 'run' }): RunnerTestFile {
  return {
    ...suiteTask('module', tasks, result),
    filepath: '/app/a.test.ts',
  } as unknown as RunnerTestFile
}

function statesOf(file: RunnerTestFile, told: Record<string, Result> = {}): Record<string, unknown> {
  const [packs] = failedModule(file, new Map(Object.entries(told)), error)
  return Object.fromEntries(packs.map(([id, result]) => [id, result?.state]))
}

describe('tests of a module whose worker is gone', () => {
  test('what Vitest knows to have ended is left as it is', () => {
    expect(statesOf(moduleOf([testTask('done', { state: 'pass' })]))).toEqual({ module: 'fail' })
  })

  test('what ended in the last moments, as only the worker told, keeps that result', () => {
    const file = moduleOf([testTask('done', { state: 'run' }), testTask('unknown')])
    expect(statesOf(file, { done: { state: 'pass' }, unknown: { state: 'fail' } })).toEqual({
      done: 'pass',
      unknown: 'fail',
      module: 'fail',
    })
  })

  test('the one that was running fails, and says why in one line', () => {
    const [packs] = failedModule(
      moduleOf([testTask('running')]),
      new Map([['running', { state: 'run' }]]),
      error,
    )
    expect(packs[0]?.[1]).toMatchObject({
      state: 'fail',
      errors: [{ message: 'This test was running when its file was ended: Timeout: too long.' }],
    })
  })

  test('those that never began are skipped', () => {
    expect(statesOf(moduleOf([testTask('later')]))).toEqual({ later: 'skip', module: 'fail' })
  })

  test('those that were to be skipped anyway are left alone', () => {
    expect(statesOf(moduleOf([testTask('todo', undefined, 'todo')]))).toEqual({ module: 'fail' })
  })

  test('a suite fails with its tests, passes with its tests, and is skipped if it never began', () => {
    const file = moduleOf([
      suiteTask('bad', [testTask('running')], { state: 'run' }),
      suiteTask('good', [testTask('done', { state: 'pass' })]),
      suiteTask('later', [testTask('never')]),
    ])
    expect(statesOf(file, { running: { state: 'run' } })).toMatchObject({
      bad: 'fail',
      good: 'pass',
      later: 'skip',
    })
  })
})

describe('the module itself', () => {
  test('gets the error after those that it has', () => {
    const file = moduleOf([], { state: 'run', errors: [{ message: 'first' }] })
    const [packs] = failedModule(file, new Map(), error)
    expect(packs[0]?.[1]?.errors?.map(({ message }) => message)).toEqual(['first', error.message])
  })

  test('ends as one that began, or as one that failed before', () => {
    expect(failedModule(moduleOf([]), new Map(), error)[1]).toEqual([['module', 'suite-finished', undefined]])
    const file = emptyModule({ id: 'new', name: 'a', filepath: '/a', projectName: '', pool: 'glovebox' })
    expect(failedModule(file, new Map(), error)[1]).toEqual([['new', 'suite-failed-early', undefined]])
  })
})

describe('errors', () => {
  test('of any kind become a name and a message', () => {
    expect(asModuleError('text')).toEqual({ name: 'Error', message: 'text' })
    expect(asModuleError({ name: 'TypeError', message: 'm', stack: 's', extra: 1 })).toEqual({
      name: 'TypeError',
      message: 'm',
      stack: 's',
    })
  })
})
