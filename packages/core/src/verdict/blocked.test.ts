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

test('other ports, and targets that do not answer, are entries of their own', () => {
  const told = [{ kind: 'unreachable', host: 'db', port: 1 }] as const
  const seen = [
    { kind: 'name', host: 'db', port: 1 },
    { kind: 'name', host: 'db', port: 2 },
  ] as const
  expect(mergeBlocked(told, seen)).toHaveLength(3)
})
