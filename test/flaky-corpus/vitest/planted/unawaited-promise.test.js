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

/** Saves, but does not return the promise. */
function save(store) {
  work(40).then(() => store.push('saved'))
}

test('what is saved is there', async () => {
  const store = []
  save(store)
  await sleep(280)
  expect(store).toEqual(['saved'])
})
