import net from 'node:net'
import { expect, test } from 'vitest'

test('the service greets', async () => {
  const socket = net.connect(47813, '127.0.0.1')
  const greeting = await new Promise((resolve, reject) => socket.once('error', reject).once('data', resolve))
  expect(String(greeting)).toBe('hello')
  socket.destroy()
})
