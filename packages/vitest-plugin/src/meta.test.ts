import type { FileRecord } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import { amend, endsModule } from './meta.js'
import type { TaskUpdate } from './protocol.js'

const file = { id: 'module' } as RunnerTestFile
const record = { verdict: { kind: 'passed-through' }, usage: {}, leaks: [] } as unknown as FileRecord
const update: TaskUpdate = [
  [
    ['test', { state: 'pass' }, {}],
    ['module', { state: 'pass' }, { own: 1 } as never],
  ],
  [['module', 'suite-finished', undefined]],
]

test('the end of a module is told from the end of its suites', () => {
  expect(endsModule(update, file)).toBe(true)
  expect(endsModule([[], [['suite', 'suite-finished', undefined]]], file)).toBe(false)
  expect(endsModule([[], [['module', 'suite-failed-early', undefined]]], file)).toBe(true)
  expect(endsModule([[], [['module', 'suite-prepare', undefined]]], file)).toBe(false)
})

test('the record is attached to the module beside the meta that it has, and to nothing else', () => {
  const [packs] = amend(update, file, record, undefined)
  expect(packs).toEqual([
    ['test', { state: 'pass' }, {}],
    ['module', { state: 'pass' }, { own: 1, glovebox: record }],
  ])
})

test('an error fails a module that had passed', () => {
  const [packs] = amend(update, file, record, { name: 'Glovebox', message: 'leaked' })
  expect(packs[1]?.[1]).toEqual({ state: 'fail', errors: [{ name: 'Glovebox', message: 'leaked' }] })
  expect(packs[0]?.[1]).toEqual({ state: 'pass' })
})
