/** `--inspect-brk`: a debugger on the host reaches the worker in its sandbox. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { type Run, startVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'
import { nodeBinary } from '../setup/matrix.mjs'
import { type Cell, createProject, eachCell, printed } from './support.js'

const files = {
  'a.test.ts': `
import { hostname } from 'node:os'
import { test } from 'vitest'
test('a', () => console.log('AT', hostname()))`,
}

/** Connects, lets the program go on wherever it stops, and prints what it evaluated at the first stop. */
const client = `
const [port] = process.argv.slice(1)
const [{ webSocketDebuggerUrl }] = await (await fetch('http://127.0.0.1:' + port + '/json/list')).json()
const socket = new WebSocket(webSocketDebuggerUrl)
let id = 0
const send = (method, params = {}) => socket.send(JSON.stringify({ id: ++id, method, params }))
socket.onopen = () => { send('Debugger.enable'); send('Runtime.runIfWaitingForDebugger') }
socket.onmessage = ({ data }) => {
  const { method, params } = JSON.parse(data)
  if (method !== 'Debugger.paused') return
  console.log('PAUSED', params.reason, ...(params.hitBreakpoints ?? []), params.callFrames[0].functionName)
  send('Debugger.resume')
}
socket.onclose = () => process.exit(0)`

eachCell((cell) => {
  test('the debugger stops where it does without Glovebox, on the network of the host, and Vitest says so', async () => {
    const plain = await debug(cell, { PLAIN: '1' })
    const { stops, result } = await debug(cell, {})
    expect(plain.stops).toContain('PAUSED')
    expect(stops).toBe(plain.stops)
    expect(printed(result)).toContain('AT glovebox')
    expect(result.stderr).toMatch(/Glovebox: .*share the network of the host and have no time limit/)
    expect(result.code, printed(result)).toBe(0)
  })
})

async function debug(cell: Cell, env: Record<string, string>): Promise<{ stops: string; result: Run }> {
  await using project = await createProject(cell, files)
  const port = await freePort()
  const args = ['run', `--inspect-brk=127.0.0.1:${port}`, '--no-file-parallelism']
  const { done } = startVitest({ ...cell, cwd: project.dir, args, env })
  await waitFor('the inspector', () => fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined))
  // Node.js 20 has no WebSocket.
  const node = [nodeBinary(24), ['--input-type=module', '-e', client, `${port}`]] as const
  const { stdout: stops } = await promisify(execFile)(...node)
  return { stops, result: await done }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
