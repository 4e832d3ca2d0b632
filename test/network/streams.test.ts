/** Many connections, and much of each, through one forwarder. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type net from 'node:net'
import { describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { inside, serve } from './inside.js'

const MiB = 2 ** 20
const AMOUNT = 500 * MiB

/** Inside and outside: sends AMOUNT bytes that do not repeat, as fast as the socket takes them, and ends; resolves with their hash. */
const pour = `
const pour = (socket, amount, seed) => new Promise((resolve) => {
  const hash = require('node:crypto').createHash('sha1'), block = Buffer.alloc(65536)
  let sent = 0
  const more = () => {
    while (sent < amount) {
      for (let i = 0; i < block.length; i += 4096) block.writeUInt32LE((sent + i) ^ seed, i)
      const copy = Buffer.from(block)
      hash.update(copy)
      sent += copy.length
      if (!socket.write(copy)) return socket.once('drain', more)
    }
    socket.end()
    resolve(hash.digest('hex'))
  }
  more()
})
const drink = (socket) => new Promise((resolve) => {
  const hash = require('node:crypto').createHash('sha1')
  let bytes = 0
  socket.on('data', (chunk) => { hash.update(chunk); bytes += chunk.length })
  socket.on('end', () => resolve(bytes + ' ' + hash.digest('hex')))
})`

/** Largest resident memory so far, bytes, of the native processes that forward from a sandbox: those that hold sockets of `port`. */
function forwarderPeak(): number {
  const peaks = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8')
        if (!/^Name:\tglovebox-superv/m.test(status) || !/^CapPrm:\t0+$/m.test(status)) return 0
        return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
      } catch {
        return 0
      }
    })
  return Math.max(...peaks)
}

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('200 connections at once', async () => {
    await using server = await serve()
    const { result, ending } = await inside<string[]>(
      role,
      { forward: server.port },
      `return Promise.all(Array.from({ length: 200 }, (_, i) => ask(i % 2 ? '127.0.0.1' : '::1', ${server.port}, 'number ' + i)))`,
    )
    expect(result).toEqual(Array.from({ length: 200 }, (_, i) => `number ${i}, bye`))
    expect(ending).toMatchObject({ blocked: [], leaks: [] })
  })

  test('a reader that does not read makes the writer wait, not the forwarder swell', async () => {
    let peak = 0
    await using server = await serve((socket) => {
      socket.pause()
      setTimeout(() => {
        peak = forwarderPeak()
        socket.resume().on('end', () => socket.end('had enough'))
      }, 1000)
    })
    const { result } = await inside<{ early: number; answer: string }>(
      role,
      { forward: server.port },
      `const socket = net.connect({ host: '127.0.0.1', port: ${server.port}, allowHalfOpen: true })
      let sent = 0, answer = ''
      const more = () => { do sent += 65536; while (sent < ${64 * MiB} && socket.write(Buffer.alloc(65536))); if (sent >= ${64 * MiB}) socket.end() }
      socket.on('connect', more).on('drain', more).on('data', (chunk) => { answer += chunk })
      await new Promise((resolve) => setTimeout(resolve, 700))
      const early = sent
      await new Promise((resolve) => socket.on('end', resolve))
      return { early, answer }`,
    )
    expect(result.answer).toBe('had enough')
    expect(result.early).toBeLessThan(64 * MiB)
    expect(peak).toBeGreaterThan(0)
    expect(peak).toBeLessThan(40 * MiB)
  })
})

describe('as root', () => {
  requires('root')

  test('500 MB each way arrive as they were sent, through a forwarder that stays small', async () => {
    const { pour: pourHere, drink: drinkHere } = new Function('require', `${pour}; return { pour, drink }`)(
      (name: string) => (name === 'node:crypto' ? { createHash } : undefined),
    ) as {
      pour: (socket: net.Socket, amount: number, seed: number) => Promise<string>
      drink: (socket: net.Socket) => Promise<string>
    }
    let peak = 0
    let outcome: Promise<[string, string]> | undefined
    await using server = await serve((socket) => {
      outcome = Promise.all([drinkHere(socket), pourHere(socket, AMOUNT, 7)])
    })
    const watch = setInterval(() => {
      peak = Math.max(peak, forwarderPeak())
    }, 100)
    try {
      const { result } = await inside<[string, string]>(
        'root',
        { forward: server.port },
        `${pour}
        const socket = net.connect({ host: '127.0.0.1', port: ${server.port}, allowHalfOpen: true })
        return Promise.all([drink(socket), pour(socket, ${AMOUNT}, 3)])`,
      )
      const [received, sent] = (await outcome) ?? []
      expect(received).toBe(`${AMOUNT} ${result[1]}`)
      expect(result[0]).toBe(`${AMOUNT} ${sent}`)
      expect(peak).toBeGreaterThan(0)
      expect(peak).toBeLessThan(40 * MiB)
    } finally {
      clearInterval(watch)
    }
  })
})
