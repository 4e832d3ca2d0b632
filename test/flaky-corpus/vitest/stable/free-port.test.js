import net from 'node:net'
import { expect, test } from 'vitest'

test('takes whatever port is free', async () => {
  const server = net.createServer()
  await new Promise((resolve) => server.listen(0, resolve))
  expect(server.address().port).toBeGreaterThan(0)
  await new Promise((resolve) => server.close(resolve))
})
