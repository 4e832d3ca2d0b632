import { expect, test } from 'vitest'
import { matchesOverride, unmatchedOverrides } from './overrides.js'

test.each([
  ['**/*.integration.test.ts', '/app/src/a.integration.test.ts', true],
  ['**/*.integration.test.ts', '/app/a.integration.test.ts', true],
  ['**/*.integration.test.ts', '/app/a.test.ts', false],
  ['./src/**', '/app/src/deep/a.test.ts', true],
  ['src/{a,b}.test.ts', '/app/src/b.test.ts', true],
  ['src/*.test.ts', '/app/src/deep/a.test.ts', false],
  ['.hidden/**', '/app/.hidden/a.test.ts', true],
  ['**/routes/\\[id\\].test.ts', '/app/routes/[id].test.ts', true],
  ['../other/*.ts', '/other/a.ts', true],
])('%s on %s: %j', (glob, file, expected) => {
  expect(matchesOverride({ files: [glob] }, '/app', file)).toBe(expected)
})

test('globs that matched nothing are named', () => {
  const overrides = [{ files: ['**/*.a.ts'] }, { files: ['nowhere/**', '*.none'] }]
  expect(unmatchedOverrides(overrides, '/app', ['/app/x.a.ts'])).toEqual([
    'overrides[1].files: nowhere/**, *.none matched none of the files that ran (globs are relative to /app)',
  ])
})
