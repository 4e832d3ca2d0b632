import { expect, test } from 'vitest'
import { findServices, resolveNetwork } from './network.js'

const ports = (env: Record<string, string>): number[] =>
  findServices(env).forward.map(({ port, host, hostPort }) => {
    expect({ host, hostPort }).toEqual({ host: 'localhost', hostPort: port })
    return port
  })

test.each<[Record<string, string>, number[]]>([
  [{ DATABASE_URL: 'postgres://user:p%40ss@localhost:5433/db?sslmode=disable' }, [5433]],
  [{ REDIS_URL: 'redis://127.0.0.1' }, [6379]],
  [{ TEST_MONGO_URI: 'mongodb://localhost:27017,[::1]:27018,db.example:1/x' }, [27017, 27018]],
  [{ SQLALCHEMY_DSN: 'postgresql+psycopg://LOCALHOST/db' }, [5432]],
  [{ PGHOST: 'localhost', PGPORT: '5555' }, [5555]],
  [{ MYSQL_HOST: '127.0.0.1', MYSQL_PORT: '3307' }, [3307]],
  [{ A_URL: 'http://localhost:80', B_URL: 'http://localhost:80' }, [80]],
  // what is elsewhere, no URL, or not meant as a service
  [{ DATABASE_URL: 'postgres://db.internal:5432/x' }, []],
  [{ DATABASE_URL: 'sqlite://./file.db', OTHER_URL: 'localhost:80', X_URL: 'foo://localhost' }, []],
  [{ DATABASE_URL: 'postgres://localhost:99999/x', PGHOST: 'localhost' }, []],
  [{ NOTE: 'redis://localhost:1', URLS: 'redis://localhost:1' }, []],
  [{ DATABASE_URL: 'postgres://localhost@db.internal/x' }, []],
])('%j', (env, expected) => {
  expect(ports(env)).toEqual(expected)
})

test.each<[Record<string, string>, string[]]>([
  [
    { DATABASE_URL: 'postgres://me@DB.internal/x', REDIS_URL: 'redis://cache:6380' },
    ['db.internal:5432', 'cache:6380'],
  ],
  [
    { MONGO_URI: 'mongodb://a:1,localhost:2,b/x', PGHOST: 'postgres', PGPORT: '5432' },
    ['a:1', 'b:27017', 'postgres:5432'],
  ],
  [{ A_URL: 'redis://cache', B_URL: 'redis://cache:6379' }, ['cache:6379']],
  // web sites, addresses, schemes that nobody knows
  [{ HOMEPAGE_URL: 'https://example.com/', DATABASE_URL: 'postgres://10.0.0.5/x', X_URL: 'foo://db:1' }, []],
  [{ PGHOST: '/run/postgresql', PGPORT: '5432', SMTP_HOST: 'mail' }, []],
])('services of other hosts are allowed by name: %j', (env, expected) => {
  expect(findServices(env).allow.map(({ name, port }) => `${name}:${port}`)).toEqual(expected)
})

test('what the user wrote goes before what was found', () => {
  const written = { port: 5432, host: 'db', hostPort: 1 }
  const env = { DATABASE_URL: 'postgres://localhost/x', REDIS_URL: 'redis://localhost' }
  expect(resolveNetwork({ forward: ['auto', written] }, env)).toEqual({
    forward: [written, { port: 6379, host: 'localhost', hostPort: 6379 }],
    allow: [],
    onBlocked: 'report',
  })
})

test('words stay words', () => {
  expect(resolveNetwork('none', {})).toBe('none')
  expect(resolveNetwork('host', { REDIS_URL: 'redis://localhost' })).toBe('host')
})

test('what is emulated is there only where something is', () => {
  expect(resolveNetwork({ latency: 50, dns: 'fail' }, {})).toEqual({
    forward: [],
    allow: [],
    onBlocked: 'report',
    emulation: { latency: 50, dns: 'fail' },
  })
  expect(resolveNetwork({}, {})).not.toHaveProperty('emulation')
})
