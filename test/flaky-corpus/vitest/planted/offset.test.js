import { expect, test } from 'vitest'

test('times are shown as they are stored', () => {
  expect(new Date('2026-07-01T09:30:00Z').getHours()).toBe(9)
})
