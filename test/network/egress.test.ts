/** What a policy lets through is all that gets through: by address, by UDP, by abstract sockets nothing leaves. test/escape has raw and packet sockets. */
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roles, run } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { spawnAs } from '../harness/users.js'
import { deadPort, type Server, serve } from './inside.js'

/** An address of this machine that others could reach, if it has one. */
const outer = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const name = `gbtest-${process.pid}-egress`
const udp = createSocket('udp4', (_, { port, address }) => udp.send('pong', port, address))
const abstract = createServer((socket) => socket.on('error', () => {}).end('hello'))
let v4: Server
let v6: Server
let everywhere: Server
let unused: number

beforeAll(async () => {
  ;[v4, v6, everywhere] = await Promise.all([
    serve(undefined, '127.0.0.1'),
    serve(undefined, '::1'),
    serve(undefined, '0.0.0.0'),
  ])
  unused = await deadPort()
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => abstract.listen({ path: `\0${name}` }, resolve))
})
afterAll(async () => {
  udp.close()
  abstract.close()
  await Promise.all([v4, v6, everywhere].map((server) => server?.[Symbol.asyncDispose]()))
})

/** Prints, as JSON, what became of each attempt: `reached`, or the code of the error. */
function attempts(): string {
  return `
const net = require('node:net'), dgram = require('node:dgram')
const tcp = (where) => new Promise((resolve) => {
  const socket = net.connect(where, () => { socket.destroy(); resolve('reached') }).on('error', (error) => resolve(error.code))
})
const udp = (port, host) => new Promise((resolve) => {
  const socket = dgram.createSocket('udp4'), done = (result) => { socket.close(); resolve(result) }
  socket.on('message', () => done('reached')).on('error', (error) => done(error.code))
  socket.connect(port, host, (error) => error ? done(error.code) : socket.send('ping'))
})
const all = {
  'IPv4 loopback': tcp({ host: '127.0.0.1', port: ${v4.port} }),
  'IPv6 loopback': tcp({ host: '::1', port: ${v6.port} }),
  ${outer === undefined ? '' : `'its address': tcp({ host: '${outer}', port: ${everywhere.port} }),`}
  'abstract socket': tcp({ path: '\\0${name}' }),
  'UDP': udp(${udp.address().port}, '127.0.0.1'),
}
Promise.all(Object.entries(all).map(async ([key, value]) => [key, await value])).then((entries) => console.log(JSON.stringify(Object.fromEntries(entries))))`
}

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('outside of a sandbox, all of it is reached', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', attempts()], {
      ...spawnAs(role),
      cwd: '/',
    })
    expect(new Set(Object.values(JSON.parse(stdout)))).toEqual(new Set(['reached']))
  })

  test.each([
    ['no policy', () => 'none' as const],
    ['a policy that forwards another port', () => ({ forward: unused })],
    ['a policy that allows every name', () => ({ allow: '*:*' })],
  ])('with %s, nothing is', async (_, network) => {
    const { stdout, stderr, ending } = await run(role, {
      command: ['node', '-e', attempts()],
      options: { network: network(), filesystem: { project: 'readonly' } },
    })
    expect(stderr).toBe('')
    expect(ending.code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      'IPv4 loopback': 'ECONNREFUSED',
      'IPv6 loopback': 'ECONNREFUSED',
      ...(outer !== undefined && { 'its address': 'ENETUNREACH' }),
      'abstract socket': 'ECONNREFUSED',
      UDP: 'ECONNREFUSED',
    })
  })
})
