import { expect, test, vi } from 'vitest'

test('waits in no time', async () => {
  vi.useFakeTimers()
  const rung = new Promise((resolve) => setTimeout(resolve, 60_000, 'rung'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await rung).toBe('rung')
  vi.useRealTimers()
})
