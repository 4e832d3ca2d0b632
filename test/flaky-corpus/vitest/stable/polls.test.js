import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('polls until the job is done', async () => {
  let done = false
  sleep(40).then(() => {
    done = true
  })
  while (!done) await sleep(5)
  expect(done).toBe(true)
})
