import { expect, test } from 'vitest'

test('the clock ticks about every 20 ms', async () => {
  let ticks = 0
  const timer = setInterval(() => {
    ticks++
  }, 20)
  await new Promise((resolve) => setTimeout(resolve, 600))
  clearInterval(timer)
  expect(ticks).toBeGreaterThan(12)
})
