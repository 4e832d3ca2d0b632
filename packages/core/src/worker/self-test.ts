/**
 * A worker entry that tries, in a forked worker, what Node.js does with threads, event loops and other processes. It runs once for each
 * executable of Node.js; session/self-test.ts judges what comes of it.
 */
import { execFile } from 'node:child_process'
import { pbkdf2, randomUUID } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:http'
import { Session } from 'node:inspector'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { gunzip, gzip } from 'node:zlib'
import type { WorkerChannel } from '../session/types.js'

export interface SelfTestOrder {
  /** End with this code at once, instead of testing. */
  exit?: number
}

export interface SelfTestAnswer {
  /** One sentence each; empty: all is well. */
  failures: readonly string[]
}

/** What the types of Node.js leave out. */
interface MinimalWebAssembly {
  instantiate(
    bytes: Uint8Array,
  ): Promise<{ instance: { exports: { add: (a: number, b: number) => number } } }>
}

/** Milliseconds for each: what hangs is named before the whole test is given up. */
const LIMIT = 10_000

/** Each resolves with whether what it did came out right. */
const checks: Readonly<Record<string, () => Promise<boolean>>> = {
  async timers() {
    const order: string[] = []
    process.nextTick(() => order.push('tick'))
    setImmediate(() => order.push('immediate'))
    await new Promise((resolve) => setTimeout(resolve, 2))
    return order.join() === 'tick,immediate'
  },
  async 'asynchronous files'() {
    const path = join(tmpdir(), `glovebox-self-test-${process.pid}`)
    await writeFile(path, 'content')
    const content = await readFile(path, 'utf8')
    await unlink(path)
    return content === 'content'
  },
  async http() {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const [response] = await once(get({ host: '127.0.0.1', port, agent: false }), 'response')
    const chunks = await response.toArray()
    server.close()
    return Buffer.concat(chunks).toString() === 'hello'
  },
  async 'a child process'() {
    const { stdout } = await promisify(execFile)(process.execPath, ['--version'])
    return stdout.trim() === process.version
  },
  async 'a worker thread'() {
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1 + 1)', { eval: true })
    const [[sum], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
    return sum === 2 && code === 0
  },
  async WebAssembly() {
    // (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
    const module = '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b'
    const { WebAssembly } = globalThis as unknown as { WebAssembly: MinimalWebAssembly }
    const { instance } = await WebAssembly.instantiate(Buffer.from(module, 'hex'))
    return instance.exports.add(2, 3) === 5
  },
  async crypto() {
    const key = await promisify(pbkdf2)('password', 'salt', 1, 20, 'sha1')
    return (
      key.toString('hex') === '0c60c80f961f0e71f3a9b524af6012062fe037a6' &&
      new Set([randomUUID(), randomUUID()]).size === 2
    )
  },
  async zlib() {
    const text = Buffer.from('text '.repeat(1000))
    return text.equals(await promisify(gunzip)(await promisify(gzip)(text)))
  },
  async dns() {
    // That it answers, not what: it may be told that there is no such name.
    await lookup('localhost').catch(() => {})
    return true
  },
  async 'import()'() {
    const source: string = 'data:text/javascript,export default 42'
    return (await import(source)).default === 42
  },
  async 'coverage of V8'() {
    const session = new Session()
    session.connect()
    const post = (method: string, params?: object) =>
      new Promise((resolve, reject) =>
        session.post(method, params, (error, result) => (error ? reject(error) : resolve(result))),
      )
    await post('Profiler.enable')
    await post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    const { result } = (await post('Profiler.takePreciseCoverage')) as { result: unknown[] }
    session.disconnect()
    return result.length > 0
  },
}

export default function serve(channel: WorkerChannel): void {
  // Ends as a script does, when there is nothing left to do.
  channel.onClose(() => {})
  channel.onMessage(async (message) => {
    const { exit } = message as SelfTestOrder
    if (exit !== undefined) process.exit(exit)
    const failures = await Promise.all(Object.entries(checks).map(([name, check]) => failureOf(name, check)))
    const answer: SelfTestAnswer = { failures: failures.filter((failure) => failure !== undefined) }
    channel.send(answer)
  })
}

async function failureOf(name: string, check: () => Promise<boolean>): Promise<string | undefined> {
  let clock: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    clock = setTimeout(() => resolve(`${name}: not done within ${LIMIT / 1000} s`), LIMIT)
  })
  const outcome = check().then(
    (right) => (right ? undefined : `${name}: a wrong result`),
    (error: Error) => `${name}: ${error.message}`,
  )
  const failure = await Promise.race([outcome, late])
  clearTimeout(clock)
  return failure
}
