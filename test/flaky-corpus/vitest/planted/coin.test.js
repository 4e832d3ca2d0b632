import { expect, test } from 'vitest'

test('heads', () => {
  expect(Math.random()).toBeLessThan(0.6)
})
