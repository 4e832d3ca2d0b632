/** Names with a star, on a host whose /etc/hosts is the test's own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunOutput } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { spawnAs } from '../harness/users.js'
import { type Server, serve } from './inside.js'

const available = requires('root')
const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
const hosts = join(directory, 'hosts')
const program = fileURLToPath(new URL('../api/programs/run.mjs', import.meta.url))
let server: Server

beforeAll(async () => {
  if (!available) return
  server = await serve()
  const names = 'db.internal deep.er.internal internal db.external api.example.com'
  writeFileSync(hosts, `127.0.0.1 localhost ${names}\n::1 six.internal\n`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

/** The answers at the server's port of each name. */
async function ask(names: readonly string[], allow: readonly string[]): Promise<[RunOutput, string[]]> {
  const code = `
const net = require('node:net')
const ask = (host) => new Promise((resolve) => {
  let answer = ''
  const socket = net.connect({ host, port: ${server.port}, allowHalfOpen: true }, () => socket.end('hello'))
  socket.on('data', (chunk) => { answer += chunk }).on('end', () => resolve(answer)).on('error', (error) => resolve(error.code))
})
Promise.all(${JSON.stringify(names)}.map(ask)).then((answers) => console.log(JSON.stringify(answers)))`
  const spec = {
    command: ['node', '-e', code],
    options: { network: { allow }, filesystem: { project: 'readonly' } },
  }
  // A mount namespace in which these are the host's names.
  const script = 'mount --bind "$1" /etc/hosts && shift && exec "$@"'
  const command = [
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    hosts,
    process.execPath,
    program,
    JSON.stringify(spec),
  ]
  const { stdout } = await promisify(execFile)('unshare', command, {
    ...spawnAs('root', { TMPDIR: directory }),
    cwd: '/',
  })
  const output = JSON.parse(stdout) as RunOutput
  return [output, JSON.parse(output.stdout) as string[]]
}

test('a star stands for every name below, at any depth, and not for the domain itself', async () => {
  const names = ['db.internal', 'deep.er.internal', 'internal', 'db.external', 'notinternal']
  const [{ ending }, answers] = await ask(names, [`*.internal:${server.port}`])
  expect(answers).toEqual(['hello, bye', 'hello, bye', 'ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'])
  const refused = [...ending.blocked].map(({ host }) => host).sort()
  expect(refused).toEqual(['db.external', 'internal', 'notinternal'])
})

test('an exact name is reached at its port, others are not', async () => {
  const allow = [`api.example.com:${server.port}`, 'db.internal:1']
  const [, answers] = await ask(['api.example.com', 'db.internal', 'example.com'], allow)
  expect(answers).toEqual(['hello, bye', 'ECONNREFUSED', 'ENOTFOUND'])
})

test('a star for the port stands for all of them, of the names that match', async () => {
  const [{ ending }, answers] = await ask(
    ['db.internal', 'deep.er.internal', 'api.example.com'],
    ['*.internal:*'],
  )
  expect(answers).toEqual(['hello, bye', 'hello, bye', 'ENOTFOUND'])
  expect(ending.blocked).toMatchObject([{ kind: 'name', host: 'api.example.com' }])
})

test('beside it, other rules keep their port', async () => {
  const [, answers] = await ask(['db.internal', 'api.example.com'], ['*.internal:*', 'api.example.com:1'])
  expect(answers).toEqual(['hello, bye', 'ECONNREFUSED'])
})

test('a name that only has an IPv6 address outside is reached by IPv4 inside', async () => {
  await using six = await serve(undefined, '::1')
  const saved = server
  server = six
  try {
    const [, answers] = await ask(['six.internal'], [`*.internal:${six.port}`])
    expect(answers).toEqual(['hello, bye'])
  } finally {
    server = saved
  }
})
