import { expect, test } from 'vitest'

const retries = process.env.CI ? 3 : 0

test('nothing is retried', () => {
  expect(retries).toBe(0)
})
