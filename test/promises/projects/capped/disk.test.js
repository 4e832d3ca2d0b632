import { rmSync, writeFileSync } from 'node:fs'
import { test } from 'vitest'

test('finishes before', () => {})
test('fills the disk', () => {
  const path = `/tmp/gbtest-disk-${process.env.GLOVEBOX_TEST_RUN}`
  writeFileSync(path, Buffer.alloc(100 << 20, 1))
  rmSync(path)
})
