import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import type { TaskUpdate } from './protocol.js'
import { pardoned } from './quarantined.js'

const failed = { state: 'fail', errors: [{ message: 'expected 1' }] } as const
const file = {
  id: 'file',
  type: 'suite',
  meta: {},
  tasks: [
    { id: 'suite', type: 'suite', meta: {}, tasks: [{ id: '1', type: 'test', meta: {}, result: failed }] },
    { id: '2', type: 'test', meta: {}, result: { state: 'pass' } },
    { id: '3', type: 'test', meta: {} },
  ],
} as unknown as RunnerTestFile
const quarantined = { owner: 'ada', reason: 'slow CI', expires: '2026-12-31', failures: [] }

test('tests that failed count as skipped, what holds them as passed, and the rest stays', () => {
  const update = [
    [
      ['suite', failed, {}],
      ['2', { state: 'pass' }, {}],
      ['3', failed, {}],
      ['file', failed, {}],
    ],
    [['file', 'suite-finished', undefined]],
  ] as unknown as TaskUpdate
  expect(pardoned(file, [update], quarantined)).toEqual([
    [[['1', { state: 'skip', note: 'in quarantine: slow CI' }, {}]], []],
    [
      [
        ['suite', { state: 'pass' }, {}],
        ['2', { state: 'pass' }, {}],
        ['3', { state: 'skip', note: 'in quarantine: slow CI' }, {}],
        ['file', { state: 'pass' }, {}],
      ],
      [['file', 'suite-finished', undefined]],
    ],
  ])
})
