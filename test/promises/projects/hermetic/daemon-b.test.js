import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('starts a daemon on port 4000 and leaves it running', async () => {
  const code = 'require("http").createServer().listen(4000, () => process.stdout.write("listening"))'
  const daemon = spawn(process.execPath, ['-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [said] = await Promise.race([once(daemon.stdout, 'data'), once(daemon, 'exit')])
  daemon.unref()
  expect(String(said)).toBe('listening')
})
