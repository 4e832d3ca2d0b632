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

test('the short job ends before the long one', async () => {
  const ended = []
  const short = work(50).then(() => ended.push('short'))
  const long = new Promise((resolve) => setTimeout(resolve, 350)).then(() => ended.push('long'))
  await Promise.all([short, long])
  expect(ended).toEqual(['short', 'long'])
})
