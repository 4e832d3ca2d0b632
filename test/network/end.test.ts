/** A forwarder lives no longer than its sandbox, however that ends. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { endProcesses, markedProcesses } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'
import { deadPort, inside, serve } from './inside.js'

requires('root')

const marker = randomUUID()
const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
afterEach(() => {
  endProcesses(marker)
  rmSync(temporary, { recursive: true, force: true })
})

const natives = (): number =>
  markedProcesses(marker).filter(({ command }) => command.includes('glovebox-supervisor')).length

test('a runner that is killed with SIGKILL leaves no forwarder', async () => {
  const program = fileURLToPath(new URL('../api/programs/run.mjs', import.meta.url))
  const port = await deadPort()
  const spec = {
    command: ['sleep', '1000'],
    options: { network: { forward: port }, filesystem: { project: 'readonly' } },
  }
  const runner = spawn(process.execPath, [program, JSON.stringify(spec)], {
    ...spawnAs('root', { TMPDIR: temporary, GLOVEBOX_TEST_RUN: marker }),
    cwd: '/',
    stdio: 'ignore',
  })
  // relay, keeper, supervisor, init, forwarder
  await waitFor(
    'the sandbox',
    () => natives() === 5 && markedProcesses(marker).some(({ command }) => command === 'sleep 1000'),
  )
  runner.kill('SIGKILL')
  await waitFor('all of it to end', () => markedProcesses(marker).length === 0)
})

test('connections that are open at the end are closed outside', async () => {
  let closed = false
  await using server = await serve((socket) => {
    socket.on('close', () => {
      closed = true
    })
    socket.on('end', () => socket.end())
    socket.write('hello')
  })
  const { ending } = await inside(
    'root',
    { forward: server.port },
    `return new Promise((resolve) => net.connect(${server.port}, '127.0.0.1').on('data', (chunk) => {
      resolve(String(chunk))
      setTimeout(() => process.exit(0), 50)
    }))`,
  )
  expect(ending.cause).toEqual({ kind: 'exit' })
  await waitFor('the connection to be closed', () => closed)
})

test('what a process has sent arrives, though it ends at once', async () => {
  let received = 0
  await using server = await serve((socket) => {
    // In its own time: by then the sandbox would be gone.
    setTimeout(() => socket.resume(), 300)
    socket.pause().on('data', (chunk) => {
      received += chunk.length
    })
    socket.on('end', () => socket.end())
  })
  const { ending } = await inside(
    'root',
    { forward: server.port },
    `return new Promise((resolve) => {
      const socket = net.connect(${server.port}, '127.0.0.1', () => socket.end(Buffer.alloc(1500000), () => {
        console.log('true')
        process.exit(0)
      }))
    })`,
  )
  expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0 })
  await waitFor('all of it', () => received === 1_500_000)
})
