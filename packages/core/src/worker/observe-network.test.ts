import { createServer, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { observeNetwork, refusalOf } from './observe-network.js'

test.each([
  [
    { code: 'ENOTFOUND', hostname: 'API.example.com' },
    { kind: 'name', host: 'api.example.com' },
  ],
  [
    { code: 'ENETUNREACH', address: '192.0.2.1', port: 80 },
    { kind: 'address', host: '192.0.2.1', port: 80 },
  ],
  [{ errors: [{ code: 'ENETUNREACH', address: '::2', port: 1 }] }, { kind: 'address', host: '::2', port: 1 }],
])('%j is for want of a network', (error, refusal) => {
  expect(refusalOf(error)).toEqual({ glovebox: 'refused', ...refusal })
})

test('what asked for it knows the port', () => {
  expect(refusalOf({ code: 'ENOTFOUND', hostname: 'a' }, 'a', 443)).toMatchObject({ host: 'a', port: 443 })
})

test('what a server does is none', () => {
  expect(refusalOf({ code: 'ECONNREFUSED', address: '127.0.0.1', port: 1 })).toBeUndefined()
  expect(refusalOf({ code: 'ECONNRESET' })).toBeUndefined()
})

const told: unknown[] = []
observeNetwork((note) => told.push(note))
const nowhere = 'no-such-host.invalid'

test.each<[string, () => Promise<unknown>, number | undefined]>([
  ['a socket', () => new Promise((resolve) => connect(81, nowhere).on('error', resolve)), undefined],
  ['http', () => new Promise((resolve) => get(`http://${nowhere}:82/`).on('error', resolve)), 82],
  ['fetch', () => fetch(`https://${nowhere}/`).catch(() => {}), 443],
])('%s that finds no host is told of', async (_, attempt, port) => {
  told.length = 0
  await attempt()
  expect(told).toContainEqual({
    glovebox: 'refused',
    kind: 'name',
    host: nowhere,
    ...(port !== undefined && { port }),
  })
})

test('a connection that works is not', async () => {
  told.length = 0
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  server.closeAllConnections()
  server.close()
  expect(told).toEqual([])
})
