import { expect, test } from 'vitest'

test('adds a month to a given date', () => {
  const date = new Date(Date.UTC(2026, 4, 5))
  date.setUTCMonth(date.getUTCMonth() + 1)
  expect(date.getUTCMonth()).toBe(5)
})
