import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { GloveboxError } from '../errors.js'
import { Control } from './control.js'
import { SandboxFault } from './fault.js'
import { frameHeader } from './framing.js'
import type { Message } from './protocol.js'

let peer: Socket
let socket: Socket
let control: Control
let events: Message[]
let broken: Promise<GloveboxError>
let cleanUp: () => void

beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  const server = createServer().listen(join(directory, 's'))
  await once(server, 'listening')
  socket = createConnection(join(directory, 's'))
  ;[peer] = (await once(server, 'connection')) as [Socket]
  events = []
  broken = new Promise((resolve) => {
    control = new Control(socket, (event) => events.push(event), resolve)
  })
  cleanUp = () => {
    socket.destroy()
    peer.destroy()
    server.close()
    rmSync(directory, { recursive: true })
  }
})
afterEach(() => cleanUp())

function say(...records: string[]): void {
  const payload = Buffer.from(records.map((record) => `${record}\0`).join(''))
  peer.write(Buffer.concat([frameHeader(payload.length), payload]))
}

test('replies find their requests in whatever order they come', async () => {
  const first = control.request('usage', [['sandbox', 's1']])
  const second = control.request('usage', [['sandbox', 's2']])
  say('type=reply', 'id=2', 'answer=two')
  say('type=reply', 'id=1', 'answer=one')
  expect((await first).get('answer')).toBe('one')
  expect((await second).get('answer')).toBe('two')
})

test('an error keeps stage, errno and path', async () => {
  const request = control.request('create', [])
  say('type=error', 'id=1', 'code=system', 'stage=mount-overlay', 'errno=13', 'path=/app', 'message=denied')
  await expect(request).rejects.toMatchObject({
    code: 'GLOVEBOX_SANDBOX',
    stage: 'mount-overlay',
    errno: 13,
    path: '/app',
    message: 'The sandbox failed at mount-overlay (/app): EACCES: denied',
  })
})

test('a request in the wrong state is an error of its own', async () => {
  const request = control.request('start', [])
  say('type=error', 'id=1', 'code=wrong-state', 'stage=start', 'message=it has ended')
  await expect(request).rejects.toMatchObject({ code: 'GLOVEBOX_STATE' })
})

test('what keeps the supervisor from starting is the fault of whatever waits', async () => {
  say('type=error', 'id=0', 'code=system', 'stage=clone-supervisor', 'errno=28', 'message=full')
  expect(await broken).toMatchObject({ stage: 'clone-supervisor', errno: 28 })
})

test('events are passed on', async () => {
  const request = control.request('kill', [])
  say('type=event', 'event=limit', 'sandbox=s1', 'limit=pids')
  say('type=reply', 'id=1')
  await request
  expect(events.map((event) => event.get('limit'))).toEqual(['pids'])
})

test('a failure settles all that is pending', async () => {
  const requests = [control.request('usage', []), control.request('usage', [])]
  control.fail(new SandboxFault({ stage: 'supervisor', message: 'gone' }))
  for (const request of requests) await expect(request).rejects.toThrow('gone')
})

test.each([
  ['an answer to nothing', () => say('type=reply', 'id=9'), /request 9, which is not pending/],
  [
    'a complaint of the supervisor',
    () => say('type=error', 'id=0', 'code=bad-request', 'message=record 3'),
    /record 3/,
  ],
  ['a frame without records', () => say(), /does not end with a NUL/],
  ['an absurd length', () => peer.write(Buffer.alloc(4, 0xff)), /announces 4294967295 bytes/],
])('%s breaks the connection', async (_, act, message) => {
  act()
  expect((await broken).message).toMatch(message)
})

test('holding on to a socket that is closed leaves nothing on it', () => {
  socket.destroy()
  for (let i = 0; i < 20; i++) control.hold()()
  expect(socket.listenerCount('connect')).toBeLessThan(2)
})
