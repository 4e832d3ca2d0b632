import { expect, test } from 'vitest'

test('ids are unique', () => {
  const ids = Array.from({ length: 6 }, () => Math.floor(Math.random() * 20))
  expect(new Set(ids).size).toBe(ids.length)
})
