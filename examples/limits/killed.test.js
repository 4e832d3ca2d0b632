import { test } from 'vitest'

test('is killed in the middle', () => {
  process.kill(process.pid, 'SIGKILL')
})
