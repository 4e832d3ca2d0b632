/**
 * @glovebox-disk 16MiB
 */
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'

test('writes a log of 32 MiB', () => {
  for (let written = 0; written < 32; written++) appendFileSync('/tmp/service.log', Buffer.alloc(1024 * 1024))
})
