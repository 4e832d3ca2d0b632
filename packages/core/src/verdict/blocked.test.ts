import { expect, test } from 'vitest'
import { mergeBlocked } from './blocked.js'

test('what both know of is one entry, with what each knows', () => {
  const told = [{ kind: 'name', host: 'api.example.com' }] as const
  const seen = [
    { kind: 'name', host: 'api.example.com', test: 'charges' },
    { kind: 'name', host: 'api.example.com', port: 443, test: 'charges' },
    { kind: 'address', host: '192.0.2.1', port: 80 },
  ] as const
  expect(mergeBlocked(told, seen)).toEqual([
    { kind: 'name', host: 'api.example.com', port: 443, test: 'charges' },
    { kind: 'address', host: '192.0.2.1', port: 80 },
  ])
})

test('what the supervisor tells goes to the test that ran then', () => {
  const tests = [
    { test: 'first', begun: 100, ended: 200 },
    { test: 'second', begun: 200.5, ended: 300 },
    { test: 'hangs', begun: 400 },
  ]
  const testAt = (at: number, clock?: number) => {
    const [blocked] = mergeBlocked([{ kind: 'name', host: 'a', at }], [], tests, clock)
    expect(blocked).not.toHaveProperty('at')
    return blocked?.test
  }
  expect([100, 200, 201, 350, 500].map((at) => testAt(at))).toEqual([
    'first',
    'first',
    'second',
    undefined,
    'hangs',
  ])
  // The worker's clock is set 50 ahead.
  expect(testAt(60, 50)).toBe('first')
})

test('of tests that ran at once none is named', () => {
  const tests = [
    { test: 'one', begun: 100, ended: 200 },
    { test: 'other', begun: 150, ended: 250 },
  ]
  expect(mergeBlocked([{ kind: 'name', host: 'a', at: 160 }], [], tests)).toEqual([
    { kind: 'name', host: 'a' },
  ])
})

test('other ports, and targets that do not answer, are entries of their own', () => {
  const told = [{ kind: 'unreachable', host: 'db', port: 1 }] as const
  const seen = [
    { kind: 'name', host: 'db', port: 1 },
    { kind: 'name', host: 'db', port: 2 },
  ] as const
  expect(mergeBlocked(told, seen)).toHaveLength(3)
})
