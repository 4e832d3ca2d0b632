import { expect, test } from 'vitest'
import { nearest, suggestion } from './suggest.js'

test.each([
  ['memroy', 'memory'],
  ['MEMORY', 'memory'],
  ['cpuPerod', 'cpuPeriod'],
  ['pid', 'pids'],
  ['xyzzy', undefined],
])('near to %j is %j', (word, expected) => {
  expect(nearest(word, ['memory', 'cpuPeriod', 'pids'])).toBe(expected)
})

test('all valid words are listed when none is near', () => {
  expect(suggestion('xyzzy', ['memory', 'pids'])).toBe('valid: memory, pids')
})
