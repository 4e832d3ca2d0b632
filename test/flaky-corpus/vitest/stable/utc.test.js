import { expect, test } from 'vitest'

test('counts in UTC', () => {
  expect(new Date('2026-03-10T23:30:00Z').getUTCDate()).toBe(10)
})
