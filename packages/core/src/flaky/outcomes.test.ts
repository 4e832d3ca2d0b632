import { expect, test } from 'vitest'
import type { TestedFile } from '../report/file-report.js'
import { crash, failure, fileOf, owner, testsWith } from '../report/files.fixture.js'
import { outcomesOf } from './outcomes.js'

test.each<[string, Partial<TestedFile>, Record<string, [passed: number, failed: number]>]>([
  ['passed', {}, { '': [1, 0], 'cart > adds': [1, 0], 'is fine': [1, 0] }],
  [
    'failed',
    { state: 'failed', tests: testsWith('failed') },
    { '': [0, 1], 'cart > adds': [0, 1], 'is fine': [1, 0] },
  ],
  ['was skipped', { state: 'skipped', tests: [] }, {}],
  [
    'is flaky, whatever its policy',
    { state: 'failed', flaky: { runs: 3, failures: [failure, failure] } },
    { '': [1, 2], 'cart > adds': [1, 2], 'is fine': [1, 0] },
  ],
  [
    'failed each time, not always alike',
    { state: 'failed', tests: testsWith('failed'), retried: { runs: 3, failures: [failure, crash] } },
    { '': [0, 3], 'cart > adds': [0, 2], 'is fine': [1, 0] },
  ],
  [
    'is in quarantine, after a retry',
    {
      tests: testsWith('skipped'),
      retried: { runs: 2, failures: [failure] },
      quarantined: { ...owner, failures: [failure] },
    },
    { '': [0, 2], 'cart > adds': [0, 2], 'is fine': [1, 0] },
  ],
  [
    'is flaky and in quarantine',
    { flaky: { runs: 2, failures: [failure] }, quarantined: { ...owner, failures: [failure] } },
    { '': [1, 1], 'cart > adds': [1, 1], 'is fine': [1, 0] },
  ],
  [
    'was run many times',
    {
      state: 'failed',
      stress: {
        runs: 5,
        failed: 2,
        failures: [failure],
        tests: [
          { test: 'cart > adds', passed: 3, failed: 2 },
          { test: 'is fine', passed: 4, failed: 0 },
        ],
      },
    },
    { '': [3, 2], 'cart > adds': [3, 2], 'is fine': [4, 0] },
  ],
])('a file that %s', (_, more, expected) => {
  const outcomes = outcomesOf(fileOf(more)).map(({ test: name, passed, failed }) => [name, [passed, failed]])
  expect(Object.fromEntries(outcomes)).toEqual(expected)
})

test('two tests of one name count together, and what was excused is marked', () => {
  const tests = [...testsWith('skipped'), ...fileOf().tests]
  const outcomes = outcomesOf(
    fileOf({ project: 'api', tests, quarantined: { ...owner, failures: [failure] } }),
  )
  expect(outcomes.map(({ test: name, passed, quarantined }) => [name, passed, quarantined])).toEqual([
    ['', 0, true],
    ['cart > adds', 1, true],
    ['is fine', 2, false],
  ])
  expect(outcomes[0]?.project).toBe('api')
})
