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

test('the job is done within ten polls', async () => {
  let done = false
  work(60).then(() => {
    done = true
  })
  let polls = 0
  while (!done && polls < 10) {
    await sleep(30)
    polls++
  }
  expect(done).toBe(true)
})
