import { expect, test } from 'vitest'

test('a membership ends on the same day of the next year', () => {
  const now = new Date()
  const end = new Date(now.getFullYear() + 1, now.getMonth(), now.getDate())
  expect(end.getDate()).toBe(now.getDate())
})
