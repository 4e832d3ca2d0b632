/** Makes what the acts aim at, for one role; everything is removed when it is disposed of. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createFixture } from '../harness/fixture.js'
import { identityOf, type Role, spawnAs } from '../harness/users.js'
import { repository } from '../setup/matrix.mjs'
import type { Targets } from './types.js'

export interface Host extends AsyncDisposable {
  targets: Omit<Targets, 'runner'>
  /** Variables that name the sockets of services. */
  env: Record<string, string>
}

const cli = join(repository, 'packages/core/dist/cli/main.js')

let hosts = 0

export async function openHost(role: Role): Promise<Host> {
  const undo: (() => unknown)[] = []
  const dispose = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    return { ...(await make(role, undo)), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** `undo` grows by what is to be done at the end, in reverse. */
async function make(role: Role, undo: (() => unknown)[]): Promise<Pick<Host, 'targets' | 'env'>> {
  const { uid, gid } = identityOf(role)
  const outside = outsideOf(role)
  undo.push(() => rmSync(outside, { recursive: true, force: true }))
  const project = await createFixture({
    as: role,
    files: { 'a.test.js': '', 'racer.test.js': '', 'short.test.js': '/** @glovebox-timeout 1s */' },
  })
  undo.push(() => project.remove())
  const hidden = await createFixture({ as: role, files: { secret: 'what nobody reads', 'below/file': '' } })
  undo.push(() => hidden.remove())
  writeFileSync(join(outside, 'file'), '')
  const helper = buildHelper(outside)
  for (const name of ['.', 'file']) chownSync(join(outside, name), uid, gid)

  const name = `gbtest-${process.pid}-${++hosts}`
  const key = 0x6b000000 + ((process.pid * 16 + hosts) & 0xffffff)
  const bystander = spawn(helper, ['bystander', String(key), `/${name}`], {
    ...spawnAs(role),
    cwd: hidden.dir,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  undo.push(() => end(bystander))
  const [address] = (await once(bystander.stdout, 'data')) as [Buffer]

  // Its run directory is there to be seen outside.
  const supervised = spawn(process.execPath, [cli, 'run', '--', 'sh', '-c', 'echo ready; cat'], {
    ...spawnAs(role),
    cwd: project.dir,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  undo.push(() => end(supervised))
  await once(supervised.stdout, 'data')

  const temporary = mkdtempSync(join(tmpdir(), 'gbtest-'))
  chmodSync(temporary, 0o755)
  undo.push(() => rmSync(temporary, { recursive: true, force: true }))
  const sockets = {
    temporary: join(temporary, 'socket'),
    agent: join(outside, 'agent'),
    dbus: join(outside, 'bus'),
    docker: join(outside, 'docker'),
  }
  const open = async (options: ListenOptions) => {
    const server = await listen(options)
    undo.push(() => server.close())
    return server
  }
  for (const path of Object.values(sockets)) await open({ path, readableAll: true, writableAll: true })
  await open({ path: `\0${name}` })
  const tcp = await open({ host: '127.0.0.1', port: 0 })
  const udp = await echo()
  undo.push(() => udp.close())

  return {
    targets: {
      helper,
      setuid: join(outside, 'setuid'),
      bystander: bystander.pid as number,
      address: String(address).trim(),
      key,
      queue: `/${name}`,
      secret: hidden.path('secret'),
      content: 'what nobody reads',
      tcp: (tcp.address() as AddressInfo).port,
      udp: udp.address().port,
      abstract: name,
      sockets,
      runDirectories: tmpdir(),
      project: project.dir,
      outside,
    },
    env: {
      SSH_AUTH_SOCK: sockets.agent,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${sockets.dbus}`,
      DOCKER_HOST: `unix://${sockets.docker}`,
    },
  }
}

/** Neither in a home nor among temporary files, which every sandbox has for itself. */
function outsideOf(role: Role): string {
  const above = process.getuid?.() === 0 ? '/var/lib' : join(repository, '.cache')
  mkdirSync(above, { recursive: true })
  const path = mkdtempSync(join(above, `gbtest-${role}-`))
  chmodSync(path, 0o755)
  return path
}

function buildHelper(directory: string): string {
  const sources = ['act.c', 'exhaust.c'].map((name) => fileURLToPath(new URL(name, import.meta.url)))
  const helper = join(directory, 'act')
  execFileSync('cc', ['-O1', '-Wall', '-Wextra', '-Werror', '-pthread', '-o', helper, ...sources], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  copyFileSync(helper, join(directory, 'setuid'))
  chmodSync(join(directory, 'setuid'), 0o4755)
  return helper
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.stdin?.end()
  await exit
}

async function listen(options: ListenOptions): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}))
  server.listen(options)
  await once(server, 'listening')
  return server
}

async function echo(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => socket.send(message, from.port, from.address))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
