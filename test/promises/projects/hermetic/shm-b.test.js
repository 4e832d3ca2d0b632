import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('creates a POSIX shared memory object of a fixed name', () => {
  const path = `/dev/shm/gbtest-${process.env.GLOVEBOX_TEST_RUN}` // where glibc's shm_open keeps them
  expect(() => writeFileSync(path, 'mine', { flag: 'wx' })).not.toThrow()
})
