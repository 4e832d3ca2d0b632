import { expect, test } from 'vitest'

const settings = { theme: 'light' }

test('starts light', () => {
  expect(settings.theme).toBe('light')
})

test('is light on the first page', () => {
  expect(settings.theme).toBe('light')
})

test('can be dark', () => {
  settings.theme = 'dark'
  expect(settings.theme).toBe('dark')
})
