import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Listener } from './listener.js'

let listener: Listener
beforeEach(async () => {
  listener = Listener.open()
  await listener.ready
})
afterEach(() => listener.close())

const never = new AbortController().signal

function connect(...parts: string[]): Socket {
  const socket = createConnection(listener.path)
  for (const part of parts) socket.write(part)
  socket.on('error', () => {})
  return socket
}

test('the run directory is private, and gone after the close', () => {
  expect(statSync(listener.directory).mode & 0o777).toBe(0o700)
  expect(listener.directory).toMatch(/\/glovebox-[^/]+$/)
  listener.close()
  expect(existsSync(listener.directory)).toBe(false)
})

test('streams go to the sandbox that they announce, with what follows the announcement', async () => {
  const first = listener.expect('s1', ['stdout', 'stderr'], never)
  const second = listener.expect('s2', ['stdout'], never)
  connect('s2 stdout\nfrom s2').end()
  connect('s1 std', 'err\n', 'from s1').end()
  connect('s1 stdout\n').end()
  const { stdout, stderr } = await first
  expect(await text((await second).stdout)).toBe('from s2')
  expect(await text(stderr)).toBe('from s1')
  expect(await text(stdout)).toBe('')
})

test.each([['s9 stdout\n'], ['s1 stdin\n'], ['x'.repeat(200)], ['\n']])(
  'a connection that says %j is dropped',
  async (announcement) => {
    void listener.expect('s1', ['stdout'], never)
    const socket = connect(announcement)
    socket.resume()
    await once(socket, 'close')
  },
)

test('an abort drops what has arrived and rejects', async () => {
  const abort = new AbortController()
  const streams = listener.expect('s1', ['stdout', 'stderr'], abort.signal)
  const socket = connect('s1 stdout\n')
  socket.resume()
  await once(socket, 'connect')
  await new Promise((resolve) => setTimeout(resolve, 20))
  abort.abort(new Error('no sandbox'))
  await expect(streams).rejects.toThrow('no sandbox')
  await once(socket, 'close')
})

test('a temporary directory that does not exist is named, with a remedy', async () => {
  vi.stubEnv('TMPDIR', '/nowhere')
  expect(() => Listener.open()).toThrow(/\/nowhere\/glovebox-.*\n.*TMPDIR/)
  vi.unstubAllEnvs()
})

async function text(socket: Socket): Promise<string> {
  let result = ''
  for await (const chunk of socket) result += chunk
  return result
}
