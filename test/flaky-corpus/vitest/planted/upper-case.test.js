import { expect, test } from 'vitest'

test('headings are upper case', () => {
  expect('title'.toLocaleUpperCase(Intl.DateTimeFormat().resolvedOptions().locale)).toBe('TITLE')
})
