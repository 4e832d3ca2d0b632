import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

test('forgets a promise that rejects', async () => {
  Promise.reject(new Error('nobody waits for me'))
  await sleep(100)
})
