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

let banner = 'none'

test('shows a banner later, and is not there any more', () => {
  setTimeout(() => {
    banner = 'sale'
  }, 350)
  expect(banner).toBe('none')
})

test('there is no banner', async () => {
  await work(50)
  expect(banner).toBe('none')
})
