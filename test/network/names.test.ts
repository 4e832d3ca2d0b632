/** Names that may be reached, and those that may not. */
import { describe, expect, test } from 'vitest'
import { roles } from '../api/program.js'
import { requires } from '../harness/requires.js'
import { deadPort, inside, own, serve } from './inside.js'

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('every other name is refused at once, by whatever it is asked for, and told of once', async () => {
    const { result, ending } = await inside<unknown[]>(
      role,
      { allow: 'api.example.com:443' },
      `return [
        await lookup('pay.example.com'), await lookup('pay.example.com', { family: 6 }), await resolve4('pay.example.com'),
        await ask('PAY.example.com', 443), await lookup('example.com'), await lookup('x.api.example.com'),
      ]`,
      // Two waits of five seconds each would be an ordinary resolver's: then the file is killed.
      { limits: { timeout: '20s' } },
    )
    expect(result).toEqual(Array(6).fill('ENOTFOUND'))
    expect(ending.cause).toEqual({ kind: 'exit' })
    expect(ending.blocked).toMatchObject([
      { kind: 'name', host: 'pay.example.com' },
      { kind: 'name', host: 'example.com' },
      { kind: 'name', host: 'x.api.example.com' },
    ])
  })

  test('without a policy it is the same, for every process', async () => {
    const { result, ending } = await inside<unknown[]>(
      role,
      'none',
      `const { spawnSync } = require('node:child_process')
      return [
        await lookup('pay.example.com'), await resolve4('api.example.com'), await lookup('pay.example.com', { family: 6 }),
        spawnSync('getent', ['hosts', 'child.example.com']).status, await lookup('shop.localhost', { family: 4 }), await lookup('glovebox'),
      ]`,
      { limits: { timeout: '20s' } },
    )
    expect(result).toEqual(['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND', 2, '127.0.0.1', '127.0.0.1'])
    expect(ending).toMatchObject({ cause: { kind: 'exit' }, leaks: [] })
    expect(ending.blocked).toMatchObject([
      { kind: 'name', host: 'pay.example.com' },
      { kind: 'name', host: 'api.example.com' },
      { kind: 'name', host: 'child.example.com' },
    ])
  })

  test('a permitted name that the host cannot resolve does not exist', async () => {
    const { result, ending } = await inside(
      role,
      { allow: 'nowhere.invalid:443' },
      `return [await lookup('nowhere.invalid'), await resolve4('nowhere.invalid')]`,
    )
    expect(result).toEqual(['ENOTFOUND', 'ENOTFOUND'])
    expect(ending.blocked).toEqual([])
  })

  test('localhost and the sandbox’s own name stay its own', async () => {
    const { result } = await inside(
      role,
      { allow: '*:443' },
      `return [await lookup('localhost', { family: 4 }), await lookup('glovebox'), await lookup('a.localhost', { family: 4 })]`,
    )
    expect(result).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
  })

  test.for(['exact', 'any'])('a permitted name is reached at its port (%s)', async (kind, { skip }) => {
    if (own === undefined) return skip('the name of this machine does not resolve to its loopback')
    await using server = await serve()
    const other = await deadPort()
    const { result, ending } = await inside<[string, string[], string, string]>(
      role,
      { allow: `${kind === 'exact' ? own : '*'}:${server.port}` },
      `return [await ask('${own}', ${server.port}), await resolve4('${own}'), await ask('${own.toUpperCase()}', ${server.port}), await ask('${own}', ${other})]`,
    )
    expect(result).toEqual(['hello, bye', ['127.64.0.1'], 'hello, bye', 'ECONNREFUSED'])
    expect(ending).toMatchObject({ blocked: [], leaks: [] })
  })

  test('a name that is permitted with a star for the port is reached at any, by whichever address family', async ({
    skip,
  }) => {
    if (own === undefined) return skip('the name of this machine does not resolve to its loopback')
    await using first = await serve()
    await using second = await serve((socket) => socket.resume().end('second'))
    const { result, ending } = await inside<unknown[]>(
      role,
      { allow: `${own}:*` },
      `const mapped = async (port) => ask('::ffff:' + (await lookup('${own}')), port)
      return [
        await ask('${own}', ${first.port}), await ask('${own}', ${second.port}), await mapped(${first.port}),
        await Promise.all(Array.from({ length: 50 }, () => ask('${own}', ${second.port}))),
        await ask('127.0.0.1', ${first.port}), await ask('127.64.0.9', ${first.port}), await ask('other.example.com', 80),
      ]`,
    )
    const seconds = Array(50).fill('second')
    expect(result.slice(0, 4)).toEqual(['hello, bye', 'second', 'hello, bye', seconds])
    expect(result.slice(4)).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 'ENOTFOUND'])
    expect(ending).toMatchObject({ blocked: [{ kind: 'name', host: 'other.example.com' }], leaks: [] })
  })

  test('a permitted name at whose port nobody listens is told of', async ({ skip }) => {
    if (own === undefined) return skip('the name of this machine does not resolve to its loopback')
    const port = await deadPort()
    const { result, ending } = await inside(
      role,
      { allow: `${own}:${port}` },
      `return ask('${own}', ${port})`,
    )
    expect(result).toBe('ECONNRESET')
    expect(ending.blocked).toMatchObject([{ kind: 'unreachable', host: own, port }])
  })
})
