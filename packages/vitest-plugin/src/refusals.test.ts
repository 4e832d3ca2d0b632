import type { RunnerTestFile } from 'vitest'
import { expect, test } from 'vitest'
import { createTestTimes } from './refusals.js'

const file = {
  tasks: [
    { id: '1', name: 'alone' },
    { id: '2', name: 'suite', tasks: [{ id: '2_1', name: 'inner' }] },
  ],
} as unknown as RunnerTestFile
const note = (id: string, state: 'run' | 'pass' | 'fail', at: number) =>
  ({ glovebox: 'test', id, result: { state }, at }) as const

test('tests are told with their suites, from begin to end; one that still runs has no end', () => {
  const times = createTestTimes()
  for (const told of [note('1', 'run', 1), note('1', 'pass', 4), note('2_1', 'run', 5)]) times.receive(told)
  expect(times.of(file)).toEqual([
    { test: 'alone', begun: 1, ended: 4 },
    { test: 'suite > inner', begun: 5 },
  ])
})

test('a test that is repeated lasts from its first begin to its last end', () => {
  const times = createTestTimes()
  for (const told of [note('1', 'run', 1), note('1', 'fail', 2), note('1', 'run', 3), note('1', 'pass', 9)])
    times.receive(told)
  expect(times.of(file)).toEqual([{ test: 'alone', begun: 1, ended: 9 }])
})

test('tests of which nothing is known have no name, and are left out', () => {
  const times = createTestTimes()
  times.receive(note('1', 'run', 1))
  expect(times.of(undefined)).toEqual([])
})
