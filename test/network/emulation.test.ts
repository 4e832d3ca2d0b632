/** Networks that are slow, lossy or broken. Delays can only be longer than they are meant to be, so only the least is looked at. */
import { beforeAll, describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { type Caller, inMachine, requiresMachine } from '../cgroup2/machine.js'
import { requires } from '../harness/requires.js'
import { inside, serve } from './inside.js'

/** In a sandbox: how long it takes until as many bytes are back from an echo, and whether they are the same. */
const echo = `const { createHash, randomBytes } = require('node:crypto')
const sha = (bytes) => createHash('sha1').update(bytes).digest('hex')
const echo = (port, amount) => new Promise((resolve, reject) => {
  const sent = randomBytes(amount), began = performance.now(), chunks = []
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(sent))
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', reject)
  socket.on('end', () => resolve({ same: sha(Buffer.concat(chunks)) === sha(sent), took: performance.now() - began }))
})`

interface Echo {
  same: boolean
  took: number
}

describe.each(roles)('as %s', (role) => {
  requires(role)

  const echoes = async (emulation: object, amount: number, times = 1): Promise<Echo[]> => {
    await using server = await serve((socket) => socket.pipe(socket))
    const { result, ending } = await inside<Echo[]>(
      role,
      { forward: server.port, ...emulation },
      `${echo}; return Promise.all(Array.from({ length: ${times} }, () => echo(${server.port}, ${amount})))`,
    )
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, leaks: [] })
    return result
  }

  test('latency holds each way, for many connections at once', async () => {
    const results = await echoes({ latency: '400ms' }, 5000, 20)
    expect(results).toHaveLength(20)
    for (const { same, took } of results) {
      expect(same).toBe(true)
      expect(took).toBeGreaterThanOrEqual(800)
    }
  })

  test('bandwidth bounds what passes', async () => {
    const [result] = await echoes({ bandwidth: '200kB' }, 300_000)
    expect(result?.same).toBe(true)
    expect(result?.took).toBeGreaterThanOrEqual(1400)
  })

  test('what is lost is sent again: all arrives, in order', async () => {
    const results = await echoes({ loss: '5%', latency: 1 }, 60_000, 3)
    expect(results.map(({ same }) => same)).toEqual([true, true, true])
  })

  test('a resolver that fails, or does not answer, is no refusal', async () => {
    const { result, ending } = await inside(
      role,
      { allow: '*:443', dns: 'fail' },
      `return [await lookup('api.example.com'), await resolve4('api.example.com'), await lookup('localhost', { family: 4 })]`,
    )
    expect(result).toEqual(['EAI_AGAIN', 'ESERVFAIL', '127.0.0.1'])
    expect(ending.blocked).toEqual([])
    const silent = await inside(
      role,
      { allow: '*:443', dns: 'silent' },
      `const resolver = new dns.Resolver({ timeout: 200, tries: 1 })
      return new Promise((resolve) => resolver.resolve4('api.example.com', (error) => resolve(error.code)))`,
    )
    expect(silent.result).toBe('ETIMEOUT')
  })
})

/** The same sandbox on a kernel that has netem: what stays within it is slow as well. */
describe.each<Caller>(['root', 'a user with a delegated cgroup'])('on another kernel, as %s', (caller) => {
  const supported = requiresMachine()
  let outcome: { stdout: string; notices: string[] }
  beforeAll(async () => {
    if (!supported) return
    const code = `const net = require('node:net'), began = performance.now()
      net.createServer((socket) => socket.end('x')).listen(3000, () => net.connect(3000, '127.0.0.1').on('data', () => {
        console.log(performance.now() - began)
        process.exit(0)
      }))`
    const options = {
      network: { latency: '300ms' },
      limits: { memory: 'none' },
      filesystem: { project: 'readonly' },
      onUnsupported: 'warn',
    }
    const spec = JSON.stringify({ command: ['node', '-e', code], options })
    const quoted = `'${spec.replaceAll("'", `'\\''`)}'`
    const { output, result } = await inMachine(
      caller,
      `node test/api/programs/run.mjs ${quoted} > $V2VM_OUT/result`,
    )
    if (result === undefined) throw new Error(`no result:\n${output}`)
    outcome = JSON.parse(result) as typeof outcome
  })

  test('the loopback is slow: a connection and its answer take two round trips', () => {
    expect(outcome.notices.filter((notice) => notice.includes('sch_netem'))).toEqual([])
    expect(Number(outcome.stdout)).toBeGreaterThanOrEqual(1200)
  })
})
