import { readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('finds nothing at a path below /tmp and leaves a file there', ({ task }) => {
  task.meta.entries = readdirSync('/tmp')
  const path = `/tmp/gbtest-${process.env.GLOVEBOX_TEST_RUN}`
  expect(() => writeFileSync(path, 'mine', { flag: 'wx' })).not.toThrow()
})
