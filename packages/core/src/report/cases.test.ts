import { expect, test } from 'vitest'
import { type Case, casesOf } from './cases.js'
import type { TestedFile } from './file-report.js'
import { crash, failure, fileOf, owner, testsWith } from './files.fixture.js'

/** Name, state and, if there is one, cause of each case. */
const brief = (file: TestedFile) =>
  casesOf(file).map(({ name, state, cause }: Case) => [name.join(' > '), state, ...(cause ? [cause] : [])])
const fine = ['is fine', 'passed']

test.each<[string, Partial<TestedFile>, string[][]]>([
  ['passed', {}, [['cart > adds', 'passed'], fine]],
  ['failed', { state: 'failed', tests: testsWith('failed') }, [['cart > adds', 'failed'], fine]],
  ['skipped a test', { tests: testsWith('skipped') }, [['cart > adds', 'skipped'], fine]],
  ['is flaky', { flaky: { runs: 2, failures: [failure] } }, [['cart > adds', 'flaky'], fine]],
  [
    'is flaky, which fails it',
    { state: 'failed', error: 'Flaky: …', flaky: { runs: 2, failures: [failure] } },
    [['cart > adds', 'flaky'], fine, ['a.test.ts', 'failed', 'flaky']],
  ],
  [
    'crashed once',
    { flaky: { runs: 2, failures: [crash] } },
    [['cart > adds', 'passed'], fine, ['a.test.ts', 'flaky']],
  ],
  [
    'is in quarantine',
    { tests: testsWith('skipped'), quarantined: { ...owner, failures: [failure] } },
    [['cart > adds', 'quarantined'], fine],
  ],
  [
    'crashed in quarantine',
    { quarantined: { ...owner, failures: [crash] } },
    [['cart > adds', 'passed'], fine, ['a.test.ts', 'quarantined']],
  ],
  [
    'hit a limit',
    { state: 'failed', verdict: { kind: 'timeout', limit: 1, wall: 1 }, error: 'Timeout', tests: [] },
    [['a.test.ts', 'failed', 'timeout']],
  ],
  [
    'could not be loaded',
    { state: 'failed', error: 'SyntaxError', tests: [] },
    [['a.test.ts', 'failed', 'error']],
  ],
  [
    'failed under stress',
    {
      state: 'failed',
      error: 'Stress: …',
      stress: {
        runs: 4,
        failed: 1,
        failures: [failure],
        tests: [{ test: 'cart > adds', passed: 3, failed: 1 }],
      },
    },
    [['cart > adds', 'failed', 'stress'], fine, ['a.test.ts', 'failed', 'stress']],
  ],
])('a file that %s', (_, more, expected) => {
  expect(brief(fileOf(more))).toEqual(expected)
})

test('what is excused says by whom, and only of its own failures', () => {
  const [adds] = casesOf(fileOf({ quarantined: { ...owner, failures: [failure, crash] } }))
  expect(adds?.message).toBe(
    'failed, but is in quarantine until 2999-12-31 (ada: issue 12): cart > adds: expected 3',
  )
})
