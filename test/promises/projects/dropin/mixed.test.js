import { describe, expect, inject, test } from 'vitest'
import { sum } from './sum.js'

describe('arithmetic', () => {
  test('adds', () => expect(sum(1, 2)).toBe(3))
  test('fails with a difference', () => expect({ a: [1, 2] }).toEqual({ a: [1, 3] }))
  test.skip('is skipped', () => {})
  test.todo('is left for later')
  test.fails('fails as it should', () => expect(1).toBe(2))
  test.each([1, 2, 3])('handles %i', (number) => expect(number).toBeLessThan(3))
})

test('sees setup files and provided values', () => {
  expect(globalThis.prepared).toBe('by the setup file')
  expect(inject('answer')).toBe(42)
})

test('throws what is no error', () => {
  throw { reason: 'an object' }
})

test('logs', () => {
  console.log('on stdout')
  console.error('on stderr')
})
