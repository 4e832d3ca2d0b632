import net from 'node:net'
import { expect, test } from 'vitest'

test('serves', async () => {
  const server = net.createServer()
  await new Promise((resolve, reject) => server.once('error', reject).listen(4710, resolve))
  expect(server.listening).toBe(true)
  await new Promise((resolve) => server.close(resolve))
})
