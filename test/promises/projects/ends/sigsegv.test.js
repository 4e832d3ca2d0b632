import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

test('finishes before', () => {})
test('sends itself SIGSEGV', async () => {
  process.kill(process.pid, 'SIGSEGV')
  await sleep(10_000)
})
