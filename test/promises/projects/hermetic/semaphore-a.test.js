import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('creates a System V semaphore of a fixed key', () => {
  const create = 'defined semget($ARGV[0], 1, 01000 | 02000 | 0600) or die "semget: $!"' // IPC_CREAT | IPC_EXCL
  expect(() => execFileSync('perl', ['-e', create, process.env.SEMAPHORE])).not.toThrow()
})
