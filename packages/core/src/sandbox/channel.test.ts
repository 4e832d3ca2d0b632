import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Channel } from './channel.js'
import { frameHeader } from './framing.js'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** Both ends of a Unix socket. */
async function pair(): Promise<[Socket, Socket]> {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const server = createServer({ allowHalfOpen: true }).listen(join(directory, 's'))
  await once(server, 'listening')
  const client = createConnection(join(directory, 's'))
  const [accepted] = (await once(server, 'connection')) as [Socket]
  cleanups.push(() => {
    client.destroy()
    accepted.destroy()
    server.close()
    rmSync(directory, { recursive: true })
  })
  return [accepted, client]
}

function nextMessage(channel: Channel): Promise<unknown> {
  return new Promise((resolve) => {
    const stop = channel.onMessage((message) => {
      stop()
      resolve(message)
    })
  })
}

test('messages keep what structured clone keeps', async () => {
  const [left, right] = await pair()
  const circular: Record<string, unknown> = {
    big: 1n,
    map: new Map([[1, new Date(0)]]),
    undefined: undefined,
  }
  circular.self = circular
  new Channel(left).send(circular)
  const received = (await nextMessage(new Channel(right))) as typeof circular
  expect(received).toMatchObject({ big: 1n, map: new Map([[1, new Date(0)]]) })
  expect(received.self).toBe(received)
})

test('what cannot be cloned is an error of the sender, and the channel goes on', async () => {
  const [left, right] = await pair()
  const channel = new Channel(left)
  expect(() => channel.send({ callback: () => {} })).toThrow(
    expect.objectContaining({ name: 'DataCloneError' }),
  )
  channel.send('still here')
  expect(await nextMessage(new Channel(right))).toBe('still here')
})

test('messages wait for the first listener', async () => {
  const [left, right] = await pair()
  const receiver = new Channel(right)
  new Channel(left).send(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await nextMessage(receiver)).toBe(1)
})

test('64 MB arrive whole, and smaller messages behind them in order', async () => {
  const [left, right] = await pair()
  const sender = new Channel(left)
  const content = Buffer.alloc(64 * 1024 * 1024, 'x')
  sender.send(content)
  sender.send('after')
  const received: unknown[] = []
  await new Promise<void>((resolve) => {
    new Channel(right).onMessage((message) => {
      received.push(message)
      if (message === 'after') resolve()
    })
  })
  expect(content.equals(received[0] as Buffer)).toBe(true)
  expect(received).toHaveLength(2)
})

test('what was sent before the end still arrives, then the channel is closed', async () => {
  const [left, right] = await pair()
  const sender = new Channel(left)
  sender.send('last')
  sender.end()
  const receiver = new Channel(right)
  const log: unknown[] = []
  receiver.onClose((error) => log.push(['closed', error]))
  receiver.onMessage((message) => log.push(message))
  await receiver.closed
  expect(log).toEqual(['last', ['closed', undefined]])
})

test('whoever asks later is told of the end as well', async () => {
  const [left, right] = await pair()
  const receiver = new Channel(right)
  receiver.drain()
  left.destroy()
  await receiver.closed
  await new Promise<void>((resolve) => receiver.onClose(() => resolve()))
})

test.each([
  ['what is no clone', Buffer.concat([frameHeader(3), Buffer.from('abc')])],
  ['an absurd length', Buffer.from([0xff, 0xff, 0xff, 0xff])],
])('%s closes the channel with an error, not the process', async (_, bytes) => {
  const [left, right] = await pair()
  const receiver = new Channel(right)
  const closed = new Promise((resolve) => receiver.onClose(resolve))
  receiver.drain()
  left.write(bytes)
  expect(await closed).toBeInstanceOf(Error)
})

test('an end inside a message is an error', async () => {
  const [left, right] = await pair()
  const receiver = new Channel(right)
  const closed = new Promise((resolve) => receiver.onClose(resolve))
  receiver.drain()
  left.end(frameHeader(10))
  expect(await closed).toMatchObject({ message: 'the channel ended inside a message' })
})

test('sending to a peer that is gone does nothing', async () => {
  const [left, right] = await pair()
  const sender = new Channel(left)
  right.destroy()
  sender.drain()
  await sender.closed
  sender.send('nobody listens')
})

test('what a peer sent before it died arrives, though a write to it fails first', async () => {
  const [left, right] = await pair()
  const channel = new Channel(left)
  const peer = new Channel(right)
  const received: unknown[] = []
  channel.onMessage((message) => {
    received.push(message)
    if (message !== 'question') return
    // Before this turn ends: the last words lie unread in the socket when the answer is written.
    peer.send('last words')
    peer.destroy()
    channel.send('answer')
  })
  peer.send('question')
  await channel.closed
  expect(received).toEqual(['question', 'last words'])
})
