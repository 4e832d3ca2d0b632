/** A real server behind a forward: Redis of the host, asked by the `ioredis` client in a sandbox. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { modulesOf } from '../setup/matrix.mjs'
import { inside } from './inside.js'
import { type RealServer, startRedis } from './real-server.js'

const available = requires('user', 'apt:redis-server', 'clients')
const modules = modulesOf('clients')
let server: RealServer

beforeAll(async () => {
  if (available) server = await startRedis()
})
afterAll(() => server?.[Symbol.asyncDispose]())

describe.each(roles)('as %s', (role) => {
  requires(role)

  const redis = (network: 'none' | { forward: 'auto' }, body: string) =>
    inside<Record<string, unknown>>(
      role,
      network,
      `const { Redis } = require(${JSON.stringify(modules)} + '/ioredis')
      const connect = (options) => new Redis(process.env.REDIS_URL, options)
      ${body}`,
      {
        env: { set: { REDIS_URL: `redis://localhost:${server.port}` } },
        filesystem: { project: 'readonly', readonly: [modules] },
      },
    )

  test('ioredis does not reach it without a policy', async () => {
    const { result } = await redis(
      'none',
      `const client = connect({ retryStrategy: null, maxRetriesPerRequest: 0 })
      return new Promise((resolve) => client.on('error', (error) => resolve({ code: error.code ?? error.errors?.[0].code })))`,
    )
    expect(result).toEqual({ code: 'ECONNREFUSED' })
  })

  test('ioredis works as on the host: pipelines, subscriptions, blocking calls, large values', async () => {
    const { result, ending } = await redis(
      { forward: 'auto' },
      `const client = connect(), subscriber = connect(), blocked = connect()
      await client.flushall()
      const pipeline = client.pipeline()
      for (let i = 0; i < 10000; i++) pipeline.incr('count')
      await pipeline.exec()
      const large = Buffer.alloc(5000000, 'abc')
      await client.set('large', large)
      const same = large.equals(await client.getBuffer('large'))
      const heard = new Promise((resolve) => subscriber.on('message', (_, text) => resolve(text)))
      await subscriber.subscribe('news')
      await client.publish('news', 'hello')
      const popped = blocked.blpop('queue', 0)
      await client.lpush('queue', 'work')
      const outcome = { count: await client.get('count'), same, news: await heard, popped: await popped }
      await Promise.all([client.quit(), subscriber.quit(), blocked.quit()])
      return outcome`,
    )
    expect(result).toEqual({ count: '10000', same: true, news: 'hello', popped: ['queue', 'work'] })
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, code: 0, blocked: [], leaks: [] })
  })
})
