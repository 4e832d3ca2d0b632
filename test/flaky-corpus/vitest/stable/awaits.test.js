import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

test('waits for the result itself', async () => {
  const result = sleep(30).then(() => 'done')
  expect(await result).toBe('done')
})
