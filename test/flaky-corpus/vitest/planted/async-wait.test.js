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

test('the report is there after a moment', async () => {
  let report
  work(60).then(() => {
    report = 'done'
  })
  await sleep(350)
  expect(report).toBe('done')
})
