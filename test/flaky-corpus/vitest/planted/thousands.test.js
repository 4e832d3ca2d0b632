import { expect, test } from 'vitest'

test('prices have a comma', () => {
  expect((1234.5).toLocaleString()).toBe('1,234.5')
})
