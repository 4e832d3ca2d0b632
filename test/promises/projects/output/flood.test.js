import { once } from 'node:events'
import { test } from 'vitest'

test('writes a gigabyte to stdout', async () => {
  const chunk = Buffer.alloc(1 << 20, `${'x'.repeat(127)}\n`)
  for (let written = 0; written < 1024; written += 1) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
  }
}, 120_000)
