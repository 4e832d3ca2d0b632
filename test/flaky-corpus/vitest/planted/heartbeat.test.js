import { expect, test } from 'vitest'

test('no heartbeat is late', async () => {
  let longest = 0
  for (let beat = 0; beat < 20; beat++) {
    const begun = performance.now()
    await new Promise((resolve) => setTimeout(resolve, 10))
    longest = Math.max(longest, performance.now() - begun - 10)
  }
  expect(longest).toBeLessThan(65)
})
