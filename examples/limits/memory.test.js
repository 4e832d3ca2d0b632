/**
 * @glovebox-memory 256MiB
 */
import { test } from 'vitest'

test('keeps every row that it ever read', () => {
  const rows = []
  while (rows.length < 64) rows.push(Buffer.alloc(16 * 1024 * 1024, 1))
})
