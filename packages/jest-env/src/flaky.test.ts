import { expect, test } from 'vitest'
import { failuresOf, pardoned, withRetries } from './flaky.js'
import type { FileOutcome, SandboxedResult } from './judge.js'

function outcome(result: object): FileOutcome {
  const passed = { testResults: [], numFailingTests: 0, failureMessage: null }
  return { result: { ...passed, ...result } } as unknown as FileOutcome
}

test('a file that passed has no failures', () => {
  const testResults = [{ status: 'passed', fullName: 'adds', failureMessages: [] }]
  expect(failuresOf(outcome({ testResults }), '/a.test.js')).toEqual([])
})

test('tests are named by what they said first, the rest by the file', () => {
  const testResults = [{ status: 'failed', fullName: 'cart adds', failureMessages: ['\nexpected 1\nmore'] }]
  const killed = { testResults, numFailingTests: 1, testExecError: { message: 'Timeout: too long' } }
  expect(failuresOf(outcome(killed), '/a.test.js')).toEqual([
    { test: 'cart adds', message: 'expected 1' },
    { test: '/a.test.js', message: 'Timeout: too long' },
  ])
  expect(failuresOf({ error: { message: 'cannot load' } } as FileOutcome, '/a.test.js')).toEqual([
    { test: '/a.test.js', message: 'cannot load' },
  ])
})

test('of a file in quarantine failed tests count as pending, and the file as passed', () => {
  const failed = { status: 'failed', fullName: 'adds', failureMessages: ['expected 1'], failureDetails: [{}] }
  const result = {
    testResults: [failed],
    numFailingTests: 1,
    numPendingTests: 2,
    testExecError: { message: 'x' },
  }
  expect(pardoned(result as unknown as SandboxedResult)).toEqual({
    testResults: [{ status: 'pending', fullName: 'adds', failureMessages: [], failureDetails: [] }],
    numFailingTests: 0,
    numPendingTests: 3,
    failureMessage: null,
  })
})

test('a flaky test has been invoked more than once, and says why; of a crash the first test tells', () => {
  const testResults = [
    { status: 'passed', fullName: 'cart adds', invocations: 1 },
    { status: 'passed', fullName: 'is fine', invocations: 1 },
  ]
  const retried = (name: string) =>
    withRetries(outcome({ testResults }), { runs: 2, failures: [{ test: name, message: 'expected 1' }] })
  const [adds, fine] = testResults
  const expected = {
    result: { testResults: [{ ...adds, invocations: 2, retryReasons: ['expected 1'] }, fine] },
  }
  expect(retried('cart adds')).toMatchObject(expected)
  expect(retried('/a.test.js')).toMatchObject(expected)
})
