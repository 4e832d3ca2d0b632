import { expect, test } from 'vitest'

test('formats for a given locale', () => {
  expect((1234.5).toLocaleString('en-US')).toBe('1,234.5')
})
