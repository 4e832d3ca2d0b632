import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

/** Works for about this many milliseconds of CPU time, in slices. */
async function work(milliseconds) {
  const begun = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(begun)
    if (user + system >= milliseconds * 1000) return
    for (let n = 0; n < 20_000; n++) Math.sqrt(n)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('the request is faster than its timeout', async () => {
  const request = work(60).then(() => 'answer')
  const timeout = sleep(350).then(() => 'timeout')
  expect(await Promise.race([request, timeout])).toBe('answer')
})
