import type { FileRecord } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import { remarked, remarksOn } from './remarks.js'

const record = { verdict: { kind: 'passed-through' } } as FileRecord
const adds = { id: '1', type: 'test', name: 'adds' }
const file = {
  tasks: [
    { id: 's', type: 'suite', name: 'cart', tasks: [adds] },
    { id: '2', type: 'test', name: 'is fine' },
  ],
} as unknown as RunnerTestFile
const failure = { test: 'cart > adds', message: 'expected 3' }
const crash = { test: 'a.test.ts', message: 'Crash' }
const owner = { owner: 'ada', reason: 'issue 12', expires: '2999-12-31' }

test('a flaky test counts its retries, and says what failed', () => {
  const remarks = remarksOn(file, { ...record, flaky: { runs: 3, failures: [failure, failure] } })
  expect(remarks).toMatchObject([{ test: adds, type: 'flaky', failed: 2 }])
  expect(remarks[0]?.message).toBe('failed in 2 of 3 runs, each in a fresh sandbox: expected 3; expected 3')
  const update = remarked(
    [
      [
        ['1', { state: 'pass' }, {}],
        ['2', { state: 'pass' }, {}],
      ],
      [],
    ],
    remarks,
  )
  expect(update[0]).toEqual([
    [
      '1',
      { state: 'pass', retryCount: 2 },
      { gloveboxRemark: { type: 'flaky', message: remarks[0]?.message } },
    ],
    ['2', { state: 'pass' }, {}],
  ])
})

test('of a crash the first test tells', () => {
  expect(remarksOn(file, { ...record, flaky: { runs: 2, failures: [crash] } })).toMatchObject([
    { test: adds, message: 'failed in 1 of 2 runs, each in a fresh sandbox: Crash' },
  ])
})

test('a test in quarantine is not called retried', () => {
  const remarks = remarksOn(file, { ...record, quarantined: { ...owner, failures: [failure] } })
  expect(remarks).toMatchObject([{ test: adds, type: 'quarantined', failed: 0 }])
  expect(remarked([[['1', { state: 'skip' }, {}]], []], remarks)[0][0]?.[1]).toEqual({ state: 'skip' })
})

test('there is nothing to say of others', () => {
  expect(remarksOn(file, record)).toEqual([])
})
