/** Servers of Debian's packages on the host's loopback, as the ordinary user: some refuse to run as root. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf, spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'
import { deadPort } from './inside.js'

export interface RealServer extends AsyncDisposable {
  port: number
}

export function startPostgres(): Promise<RealServer> {
  const found = readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  const bin = found.at(-1) ?? ''
  return start('SIGINT', (directory, port) => {
    const data = join(directory, 'data')
    const as = { ...spawnAs('user'), cwd: '/', stdio: 'ignore' as const }
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync'], as)
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${directory}`]
    return spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), '-F', ...settings], as)
  })
}

export function startRedis(): Promise<RealServer> {
  return start('SIGTERM', (directory, port) => {
    const flags = ['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--save', '']
    return spawn('redis-server', flags, { ...spawnAs('user'), cwd: '/', stdio: 'ignore' })
  })
}

async function start(
  stop: NodeJS.Signals,
  launch: (directory: string, port: number) => ChildProcess,
): Promise<RealServer> {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  let server: ChildProcess | undefined
  const dispose = async (): Promise<void> => {
    const running = server?.exitCode === null && server.signalCode === null
    const ended = running && new Promise((resolve) => server?.once('exit', resolve))
    server?.kill(stop)
    await ended
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    const { uid, gid } = identityOf('user')
    chownSync(directory, uid, gid)
    const port = await deadPort()
    server = launch(directory, port)
    await waitFor('the server', () => answers(port))
    return { port, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
