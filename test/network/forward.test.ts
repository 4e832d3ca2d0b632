/** Ports of the sandbox's loopback that lead outside. */
import { describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { deadPort, inside, serve } from './inside.js'

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('without a policy the same port leads nowhere', async () => {
    await using server = await serve()
    const { result } = await inside(role, 'none', `return ask('127.0.0.1', ${server.port})`)
    expect(result).toBe('ECONNREFUSED')
    expect(server.accepted()).toBe(0)
  })

  test('a forwarded port carries both ways, and each side may end first', async () => {
    await using server = await serve()
    const { result, ending } = await inside(
      role,
      { forward: [server.port] },
      `return [await ask('127.0.0.1', ${server.port}), await ask('::1', ${server.port}), await ask('localhost', ${server.port})]`,
    )
    expect(result).toEqual(['hello, bye', 'hello, bye', 'hello, bye'])
    expect(ending).toMatchObject({ blocked: [], leaks: [] })
  })

  test('a server that speaks first, ends first, and goes on listening is heard and answered', async () => {
    let heard = ''
    await using server = await serve((socket) => {
      socket.end('first')
      socket.on('data', (chunk) => {
        heard += chunk
      })
    })
    const { result } = await inside(
      role,
      { forward: server.port },
      `return new Promise((resolve) => {
        let answer = ''
        const socket = net.connect({ port: ${server.port}, host: '127.0.0.1', allowHalfOpen: true })
        socket.on('data', (chunk) => { answer += chunk })
        socket.on('end', () => socket.end('then I', () => resolve(answer)))
      })`,
    )
    expect(result).toBe('first')
    await waitFor('what was said after the server’s end', () => heard === 'then I')
  })

  test('another port inside, and a target by its address', async () => {
    await using server = await serve(undefined, '::1')
    const { result } = await inside(
      role,
      { forward: `80:[::1]:${server.port}` },
      `return ask('127.0.0.1', 80)`,
    )
    expect(result).toBe('hello, bye')
  })

  test('auto forwards what the environment names', async () => {
    await using server = await serve()
    const { result } = await inside(role, { forward: 'auto' }, `return ask('localhost', ${server.port})`, {
      env: { set: { DATABASE_URL: `postgres://me@localhost:${server.port}/db` } },
    })
    expect(result).toBe('hello, bye')
  })

  test('a forward to a dead port refuses connections, and is told of', async () => {
    const port = await deadPort()
    const { result, ending } = await inside(
      role,
      { forward: port },
      `return [await ask('127.0.0.1', ${port}), await ask('::1', ${port})]`,
    )
    expect(result).toEqual(['ECONNREFUSED', 'ECONNREFUSED'])
    expect(ending.blocked).toMatchObject([{ kind: 'unreachable', host: 'localhost', port }])
  })

  test('a target that cannot be resolved refuses connections', async () => {
    const { result, ending } = await inside(
      role,
      { forward: 'no-such-host.invalid:5432' },
      `for (;;) { const answer = await ask('127.0.0.1', 5432); if (answer !== 'ECONNRESET') return answer }`,
    )
    expect(result).toBe('ECONNREFUSED')
    expect(ending.blocked).toMatchObject([{ kind: 'unreachable', host: 'no-such-host.invalid', port: 5432 }])
  })

  test('a target that comes up later is reached then', async () => {
    const port = await deadPort()
    const { createServer } = await import('node:net')
    const late = createServer((socket) => socket.end('here'))
    setTimeout(() => late.listen(port, '127.0.0.1'), 1500)
    try {
      const { result } = await inside(
        role,
        { forward: port },
        `const refused = await ask('127.0.0.1', ${port})
        for (;;) {
          const answer = await ask('127.0.0.1', ${port})
          if (answer === 'here') return refused
          await new Promise((resolve) => setTimeout(resolve, 50))
        }`,
      )
      expect(result).toBe('ECONNREFUSED')
    } finally {
      late.close()
    }
  })

  test.each(['127.0.0.1', '0.0.0.0', '::'])('a forwarded port cannot be listened on at %s', async (host) => {
    const port = await deadPort()
    const { result } = await inside(
      role,
      { forward: port },
      `return new Promise((resolve) => net.createServer().on('error', (error) => resolve(error.code)).listen(${port}, '${host}', () => resolve('listens')))`,
    )
    expect(result).toBe('EADDRINUSE')
  })

  test('other ports are the file’s own, and nothing else is reached', async () => {
    await using server = await serve()
    const { result } = await inside(
      role,
      { forward: server.port },
      `await new Promise((resolve) => net.createServer((socket) => socket.end('own')).listen(3000, resolve).unref())
      return [await ask('127.0.0.1', 3000), await ask('192.0.2.1', 80), await ask('2001:db8::1', 80)]`,
    )
    expect(result).toEqual(['own', 'ENETUNREACH', 'ENETUNREACH'])
  })
})
