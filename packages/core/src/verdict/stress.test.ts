import { expect, test } from 'vitest'
import { describeStress, percent, tallyOf } from './stress.js'

test.each([
  [0, '0 %'],
  [0.0004, '0.04 %'],
  [0.0523, '5.2 %'],
  [0.361, '36 %'],
  [1, '100 %'],
])('%d is %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test('runs are counted by test; one that a crash cut short counts only what was executed', () => {
  const failures = [{ test: 'adds', message: 'expected 3' }]
  const tally = tallyOf([
    {
      failed: false,
      tests: [
        { test: 'adds', failed: false },
        { test: 'ends', failed: false },
      ],
      failures: [],
    },
    { failed: true, tests: [{ test: 'adds', failed: true }], failures },
  ])
  expect(tally).toEqual({
    runs: 2,
    failed: 1,
    failures,
    tests: [
      { test: 'adds', passed: 1, failed: 1 },
      { test: 'ends', passed: 1, failed: 0 },
    ],
  })
})

test('a rate comes with its interval, also where nothing failed', () => {
  expect(describeStress({ runs: 20, failed: 3 })).toBe(
    'failed in 3 of 20 runs, 15 % (95 % interval: 5.2 % to 36 %)',
  )
  expect(describeStress({ runs: 20, failed: 0 })).toBe(
    'failed in 0 of 20 runs, 0 % (95 % interval: 0 % to 16 %)',
  )
})
