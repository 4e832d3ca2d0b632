import type { FileRecord } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import { failuresOf, hasFailed, runRepeatedly } from './flaky.js'
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

/** A file whose runs end like this, one after the other. */
function fileThat(...ends: ('passes' | 'fails')[]) {
  const left = [...ends]
  const failed = { state: 'fail', errors: [{ message: 'expected 1' }] } as never
  return {
    name: 'a.test.ts',
    left,
    run: async () =>
      left.shift() === 'passes'
        ? { judgement: { record, outcome: 'passed' } as const, link: link({}) }
        : {
            judgement: { record, outcome: 'failed' } as const,
            link: link({ progress: new Map([['2', failed]]) }),
          },
    mayGoOn: () => true,
  }
}
/** Beside one other file, or alone. */
const turns = {
  beside: async <T>(_: string, work: () => Promise<T>) => ({ value: await work(), beside: ['b.test.ts'] }),
  alone: async <T>(_: string, work: () => Promise<T>) => ({ value: await work(), beside: [] }),
}
const session = (more: { policy?: 'warn'; stress?: number } = {}) => ({
  flaky: { retries: 2, policy: 'fail', ...more } as const,
  turns,
})
const failure = { test: 'cart > removes', message: 'expected 1' }

test('a file that fails is run again until it passes; it is flaky then, and fails unless that is only to be a warning', async () => {
  const twice = fileThat('fails', 'passes', 'passes')
  const flaky = { runs: 2, failures: [failure], beside: ['b.test.ts'] }
  const warned = await runRepeatedly(session({ policy: 'warn' }), twice)
  expect(warned).toEqual({ record: { ...record, flaky }, outcome: 'passed' })
  expect(twice.left).toHaveLength(1)
  const judged = await runRepeatedly(session(), fileThat('fails', 'passes'))
  expect(judged.error?.message).toBe(
    'Flaky: the file failed in 1 of 2 runs, each in a fresh sandbox (cart > removes: expected 1). It passed in the last. It failed only together with b.test.ts; alone it passed.',
  )
})

test('a file that fails every time is run as often as the options say, and keeps the earlier failures', async () => {
  const broken = fileThat('fails', 'fails', 'fails', 'passes')
  expect(await runRepeatedly(session(), broken)).toMatchObject({
    record: { retried: { runs: 3, failures: [failure, failure] } },
    outcome: 'failed',
  })
  expect(broken.left).toHaveLength(1)
})

test('under stress a file is run a number of times whatever comes of it, and fails if it failed once', async () => {
  const shaky = fileThat('passes', 'fails', 'passes', 'passes')
  const judged = await runRepeatedly(session({ stress: 4 }), shaky)
  expect(judged.record?.stress).toMatchObject({ runs: 4, failed: 1, failures: [failure] })
  expect(judged.record?.stress?.tests).toEqual([
    { test: 'cart > adds', passed: 4, failed: 0 },
    { test: 'cart > removes', passed: 0, failed: 1 },
  ])
  expect(judged.error?.message).toMatch(
    /^Stress: the file failed in 1 of 4 runs, 25 % \(95 % interval: 4\.6 % to/,
  )
  const steady = await runRepeatedly(session({ stress: 3 }), fileThat('passes', 'passes', 'passes'))
  expect(steady).toMatchObject({ record: { stress: { runs: 3, failed: 0 } }, outcome: 'passed' })
  expect(steady.error).toBeUndefined()
})
