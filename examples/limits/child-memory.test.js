/**
 * @glovebox-memory 256MiB
 */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('starts a converter that needs more memory than it may have', () => {
  const converter = 'const parts = []; while (parts.length < 64) parts.push(Buffer.alloc(16 << 20, 1))'
  expect(spawnSync(process.execPath, ['-e', converter])).toBeDefined()
})
