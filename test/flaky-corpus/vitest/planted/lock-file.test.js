import fs from 'node:fs'
import { expect, test } from 'vitest'

test('takes the lock', () => {
  const lock = fs.openSync('/tmp/corpus.lock', 'wx')
  fs.closeSync(lock)
  expect(fs.existsSync('/tmp/corpus.lock')).toBe(true)
})
