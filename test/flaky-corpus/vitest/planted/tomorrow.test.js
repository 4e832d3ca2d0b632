import { expect, test } from 'vitest'

test('tomorrow is in the same year', () => {
  const now = new Date()
  const tomorrow = new Date(now.getTime() + 24 * 60 * 60 * 1000)
  expect(tomorrow.getFullYear()).toBe(now.getFullYear())
})
