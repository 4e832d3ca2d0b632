/** A real server behind a forward: PostgreSQL of the host, asked by psql in a sandbox. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { roles, run } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { identityOf, spawnAs } from '../harness/users.js'
import { waitFor } from '../harness/wait-for.js'
import { deadPort } from './inside.js'

/** Where Debian keeps the server's programs; `undefined`: it is not installed. */
const programs = versionsOf('/usr/lib/postgresql')
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'psql')))

function versionsOf(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

describe('PostgreSQL', () => {
  const available = requires('user') && programs !== undefined
  const bin = programs ?? ''
  let directory: string | undefined
  let server: ChildProcess | undefined
  let port = 0

  beforeEach(({ skip }) => {
    if (programs === undefined) skip('PostgreSQL is not installed (Debian: postgresql)')
  })
  beforeAll(async () => {
    if (!available) return
    directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
    const { uid, gid } = identityOf('user')
    chownSync(directory, uid, gid)
    const data = join(directory, 'data')
    const as = { ...spawnAs('user'), cwd: '/', stdio: 'ignore' as const }
    execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync'], as)
    port = await deadPort()
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${directory}`]
    server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], as)
    await waitFor('PostgreSQL', () => answers(port))
  })

  afterAll(async () => {
    const ended = server && new Promise((resolve) => server?.once('exit', resolve))
    server?.kill('SIGINT')
    await ended
    if (directory) rmSync(directory, { recursive: true, force: true })
  })

  describe.each(roles)('as %s', (role) => {
    requires(role)

    function psql(query: string, network: object | 'none'): ReturnType<typeof run> {
      return run(role, {
        command: ['psql', '-X', '-At', `postgres://tester@localhost:${port}/postgres`, '-c', query],
        options: {
          network,
          filesystem: { project: 'readonly' },
          env: { set: { DATABASE_URL: `postgres://tester@localhost:${port}/postgres` } },
        },
      })
    }

    test('is not reached without a policy', async () => {
      const { ending, stderr } = await psql('select 1', 'none')
      expect(ending.code).toBe(2)
      expect(stderr).toContain('Connection refused')
    })

    test('answers through a forward, however much it is', async () => {
      const { ending, stdout } = await psql('select repeat(i::text, 100) from generate_series(1, 50000) i', {
        forward: 'auto',
      })
      expect(ending.code).toBe(0)
      expect(stdout.trim().split('\n')).toHaveLength(50_000)
      expect(stdout.endsWith(`${'50000'.repeat(100)}\n`)).toBe(true)
    })
  })
})

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
