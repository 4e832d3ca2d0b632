import type { TestCaseResult } from '@jest/test-result'
import { expect, test } from 'vitest'
import { endedResult } from './ended-result.js'
import { Progress, type StartedTest } from './progress.js'

const start = (title: string): StartedTest => ({
  ancestorTitles: ['group'],
  fullName: `group ${title}`,
  mode: undefined,
  title,
  startedAt: 1000,
})
const end = (title: string, status: TestCaseResult['status'], invocations = 1): TestCaseResult => ({
  ancestorTitles: ['group'],
  failureDetails: [],
  failureMessages: [],
  fullName: `group ${title}`,
  invocations,
  numPassingAsserts: 0,
  status,
  title,
})

function progress(...events: (StartedTest | TestCaseResult)[]): Progress {
  const told = new Progress()
  for (const event of events) {
    if ('status' in event)
      told.note({ glovebox: 'event', name: 'test-case-result', payload: ['/a', event], at: 0 })
    else told.note({ glovebox: 'event', name: 'test-case-start', payload: ['/a', event], at: 0 })
  }
  return told
}

const file = { path: '/a', displayName: undefined, reason: 'Killed.', begun: 500, ended: 3000 }

test('tests that ended keep their result, those that run fail with the reason', () => {
  const told = progress(start('a'), end('a', 'passed'), start('b'), start('c'), end('b', 'failed'))
  const result = endedResult({ ...file, progress: told })
  expect(result).toMatchObject({ numPassingTests: 1, numFailingTests: 2, numPendingTests: 0, skipped: false })
  expect(result?.testResults.map(({ title, status }) => [title, status])).toEqual([
    ['a', 'passed'],
    ['b', 'failed'],
    ['c', 'failed'],
  ])
  expect(result?.testResults[2]).toMatchObject({
    duration: 2000,
    failureMessages: [expect.stringMatching(/was running.*Killed\./s)],
  })
})

test('of a test that was repeated the last result counts, not of two with the same name', () => {
  const retried = progress(start('a'), end('a', 'failed'), start('a'), end('a', 'passed', 2))
  expect(retried.finished.map(({ status }) => status)).toEqual(['passed'])
  const namesakes = progress(start('a'), end('a', 'failed'), start('a'), end('a', 'passed'))
  expect(namesakes.finished.map(({ status }) => status)).toEqual(['failed', 'passed'])
})

test('no test, no result', () => {
  expect(endedResult({ ...file, progress: progress() })).toBeUndefined()
})
