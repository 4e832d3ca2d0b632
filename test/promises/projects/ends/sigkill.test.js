import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

test('finishes before', () => {})
test('sends itself SIGKILL', async () => {
  process.kill(process.pid, 'SIGKILL')
  await sleep(10_000)
})
