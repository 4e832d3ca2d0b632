import { expect, test } from 'vitest'
import { atTimeZero, lastModified } from './window.js'

test('no time passes while a window is made, and it goes on afterwards', async () => {
  const seen = await atTimeZero(async () => {
    const first = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 2))
    return [first, performance.now()]
  })
  expect(seen).toEqual([0, 0])
  expect(performance.now()).toBeGreaterThan(0)
  expect(Object.hasOwn(performance, 'now')).toBe(false)
})

test('a date is written as HTML writes it', () => {
  expect(lastModified(new Date(2026, 0, 2, 3, 4, 5))).toBe('01/02/2026 03:04:05')
})
