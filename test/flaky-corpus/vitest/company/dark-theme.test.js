import { expect, test } from 'vitest'

test('can be dark', () => {
  globalThis.corpusTheme = 'dark'
  expect(globalThis.corpusTheme).toBe('dark')
})
