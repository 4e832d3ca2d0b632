import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

test('explodes for a second', async () => {
  execFile('sh', ['-c', 'bomb() { bomb | bomb & }; bomb'], () => {})
  await sleep(1000)
})
