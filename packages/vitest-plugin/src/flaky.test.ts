import type { FileRecord } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import { asFlaky, failuresOf, hasFailed } from './flaky.js'
import type { Link } from './link.js'

const record = { verdict: { kind: 'passed-through' } } as FileRecord
const none = { unhandled: [] }
const file = {
  id: 'file',
  type: 'suite',
  name: 'a.test.ts',
  tasks: [
    {
      id: 'suite',
      type: 'suite',
      name: 'cart',
      tasks: [
        { id: '1', type: 'test', name: 'adds', result: { state: 'pass' } },
        { id: '2', type: 'test', name: 'removes', result: { state: 'run' } },
      ],
    },
  ],
} as unknown as RunnerTestFile

function link(more: Partial<Link>): Link {
  return { file, progress: new Map(), held: [], unhandled: [], ...more } as Link
}

test('a file has failed by its tests, its verdict, or an error that nobody caught', () => {
  expect(hasFailed({ record, outcome: 'passed' }, none)).toBe(false)
  expect(hasFailed({ record, outcome: 'failed' }, none)).toBe(true)
  expect(hasFailed({ record }, none)).toBe(true)
  expect(hasFailed({ outcome: 'passed', error: { name: 'Glovebox', message: 'Leaked' } }, none)).toBe(true)
  expect(hasFailed({ outcome: 'passed' }, { unhandled: [{ message: 'late' }] })).toBe(true)
})

test('what failed is named by test, from the latest that is known of it', () => {
  const failed = { state: 'fail', errors: [{ message: '\nexpected 1\nmore' }] } as never
  const expected = [{ test: 'cart > removes', message: 'expected 1' }]
  expect(failuresOf(link({ progress: new Map([['2', failed]]) }), 'a.test.ts', undefined)).toEqual(expected)
  expect(failuresOf(link({ held: [[[['2', failed, {}]], []]] }), 'a.test.ts', undefined)).toEqual(expected)
})

test('what is thrown need be no error', () => {
  const thrown = { state: 'fail', errors: [{ reason: 'an object' }] } as never
  expect(failuresOf(link({ progress: new Map([['2', thrown]]) }), 'a.test.ts', undefined)).toEqual([
    { test: 'cart > removes', message: 'something that is no error was thrown' },
  ])
})

test('what belongs to no test is named by the file', () => {
  const error = { name: 'Glovebox', message: 'Timeout: the file ran too long.\nRaise it' }
  const whole = link({ unhandled: [{ message: 'late' }], file: undefined })
  expect(failuresOf(whole, 'a.test.ts', error)).toEqual([
    { test: 'a.test.ts', message: 'Timeout: the file ran too long.' },
    { test: 'a.test.ts', message: 'late' },
  ])
})

test('a flaky file keeps what failed, and fails unless that is only to be a warning', () => {
  const flaky = { runs: 2, failures: [{ test: 'adds', message: 'expected 1' }] }
  const judgement = { record, outcome: 'passed' } as const
  expect(asFlaky(judgement, flaky, 'warn')).toEqual({ ...judgement, record: { ...record, flaky } })
  expect(asFlaky(judgement, flaky, 'fail').error?.message).toBe(
    'Flaky: the file failed in 1 of 2 runs, each in a fresh sandbox (adds: expected 1). It passed in the last.',
  )
})
