import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'
import { onlyInSandbox } from './only-in-sandbox.js'

test('explodes for a second', async () => {
  onlyInSandbox()
  // Doubles nine times, far beyond the limit; then it burns out by itself.
  const bomb = 'bomb() { if [ "$1" -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 3; }; bomb 9'
  execFile('sh', ['-c', bomb], () => {})
  await sleep(1000)
})
