import { afterAll, beforeAll, expect, test, vi } from 'vitest'

beforeAll(() => vi.useFakeTimers())
afterAll(() => {
  throw new Error('in afterAll')
})
test('controls the clock', () => {
  const spy = vi.fn()
  setTimeout(spy, 60_000)
  vi.advanceTimersByTime(60_000)
  expect(spy).toHaveBeenCalledOnce()
})
