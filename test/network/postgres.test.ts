/** A real server behind a forward: PostgreSQL of the host, asked by `psql` and by the `pg` client in a sandbox. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roles, run } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { modulesOf } from '../setup/matrix.mjs'
import { inside } from './inside.js'
import { type RealServer, startPostgres } from './real-server.js'

const available = requires('user', 'apt:postgresql', 'clients')
const modules = modulesOf('clients')
let server: RealServer
let url = ''

beforeAll(async () => {
  if (!available) return
  server = await startPostgres()
  url = `postgres://tester@localhost:${server.port}/postgres`
})
afterAll(() => server?.[Symbol.asyncDispose]())

describe.each(roles)('as %s', (role) => {
  requires(role)

  function psql(query: string, network: object | 'none'): ReturnType<typeof run> {
    return run(role, {
      command: ['psql', '-X', '-At', url, '-c', query],
      options: { network, filesystem: { project: 'readonly' }, env: { set: { DATABASE_URL: url } } },
    })
  }

  test('psql does not reach it without a policy', async () => {
    const { ending, stderr } = await psql('select 1', 'none')
    expect(ending.code).toBe(2)
    expect(stderr).toContain('Connection refused')
  })

  test('psql gets its answer through a forward, however long it is', async () => {
    const { ending, stdout } = await psql('select repeat(i::text, 100) from generate_series(1, 50000) i', {
      forward: 'auto',
    })
    expect(ending.code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(50_000)
    expect(stdout.endsWith(`${'50000'.repeat(100)}\n`)).toBe(true)
  })

  test('pg works as on the host: a pool, parameters, transactions, notifications', async () => {
    const { result, ending } = await inside<Record<string, unknown>>(
      role,
      { forward: 'auto' },
      `const { Client, Pool } = require(${JSON.stringify(modules)} + '/pg')
      const connectionString = process.env.DATABASE_URL, table = 'of_${role}'
      const pool = new Pool({ connectionString, max: 20 }), listener = new Client({ connectionString })
      await pool.query('create table ' + table + ' (id int primary key, payload bytea)')
      const ids = Array.from({ length: 200 }, (_, i) => i)
      const payload = Buffer.alloc(100000, 'x')
      await Promise.all(ids.map((id) => pool.query('insert into ' + table + ' values ($1, $2)', [id, payload])))
      const client = await pool.connect()
      await client.query('begin')
      await client.query('delete from ' + table)
      await client.query('rollback')
      client.release()
      const { rows } = await pool.query('select count(*)::int as count, sum(length(payload))::int as bytes from ' + table)
      await listener.connect()
      const heard = new Promise((resolve) => listener.once('notification', (note) => resolve(note.payload)))
      await listener.query('listen news')
      await pool.query("notify news, 'hello'")
      const news = await heard
      const failure = await pool.query('select 1 / 0').catch((error) => error.code)
      await pool.query('drop table ' + table)
      await Promise.all([pool.end(), listener.end()])
      return { ...rows[0], news, failure }`,
      { env: { set: { DATABASE_URL: url } }, filesystem: { project: 'readonly', readonly: [modules] } },
    )
    expect(result).toEqual({ count: 200, bytes: 20_000_000, news: 'hello', failure: '22012' })
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0, blocked: [], leaks: [] })
  })
})
