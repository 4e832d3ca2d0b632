import { expect, test } from 'vitest'
import { counts, differences, outcomes } from './outcomes.js'

interface Assertion {
  ancestorTitles: string[]
  title: string
  status: string
}

function report(...files: { name: string; status?: string; message?: string; tests?: Assertion[] }[]) {
  return {
    testResults: files.map(({ name, status = 'passed', message = '', tests = [] }) => ({
      name: `/checkout/${name}`,
      status,
      message,
      assertionResults: tests,
    })),
  }
}

const assertion = (title: string, status: string, ...ancestorTitles: string[]): Assertion => ({
  ancestorTitles,
  title,
  status,
})

test('every test has an entry under its file, suites and title', () => {
  const found = outcomes(
    report({ name: 'a.test.ts', tests: [assertion('adds', 'passed', 'math', 'sums')] }),
    '/checkout',
  )
  expect([...found]).toEqual([['a.test.ts > math > sums > adds', 'passed']])
})

test('tests of one name are told apart by their order', () => {
  const tests = [assertion('twice', 'passed'), assertion('twice', 'failed')]
  const found = outcomes(report({ name: 'a.test.ts', status: 'failed', tests }), '/checkout')
  expect([...found]).toEqual([
    ['a.test.ts > twice', 'passed'],
    ['a.test.ts > twice (2)', 'failed'],
  ])
})

test('a file that failed without a failed test counts too', () => {
  const found = outcomes(
    report({ name: 'b.test.ts', status: 'failed', message: 'no such module\nstack' }),
    '/checkout',
  )
  expect([...found]).toEqual([['b.test.ts (the file)', 'failed: no such module']])
  expect(counts(found)).toEqual({ failed: 1 })
})

test('differences name both outcomes, and what one run lacks', () => {
  const own = new Map([
    ['a', 'passed'],
    ['b', 'failed'],
    ['c', 'skipped'],
  ])
  const glovebox = new Map([
    ['a', 'passed'],
    ['b', 'passed'],
    ['d', 'passed'],
  ])
  expect(differences(own, glovebox)).toEqual([
    { test: 'b', own: 'failed', glovebox: 'passed' },
    { test: 'c', own: 'skipped', glovebox: 'absent' },
    { test: 'd', own: 'absent', glovebox: 'passed' },
  ])
})
