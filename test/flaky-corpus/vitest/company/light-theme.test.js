import { expect, test } from 'vitest'

test('is light at first', () => {
  expect(globalThis.corpusTheme ?? 'light').toBe('light')
})
