import { expect, test } from 'vitest'
import { checkNetwork } from './network-checks.js'
import { parseOptions } from './parse.js'

function messageOf(network: unknown): string {
  try {
    parseOptions({ network }, 'vitest.config.ts')
  } catch (error) {
    expect(error).toMatchObject({ code: 'GLOVEBOX_CONFIG' })
    return (error as Error).message
  }
  throw new Error('the options were accepted')
}

test('words and policies are accepted; one entry is short for a list', () => {
  expect(parseOptions({ network: 'host' }, 'x').network).toBe('host')
  const network = { forward: 'auto', allow: 'api.example.com:443', onBlocked: 'fail' } as const
  expect(parseOptions({ network }, 'x').network).toEqual({
    forward: ['auto'],
    allow: [{ name: 'api.example.com', port: 443 }],
    onBlocked: 'fail',
  })
  expect(parseOptions({ network: { forward: [5432, 'auto', 'db:1'] } }, 'x').network).toEqual({
    forward: [
      { port: 5432, host: 'localhost', hostPort: 5432 },
      'auto',
      { port: 1, host: 'db', hostPort: 1 },
    ],
  })
})

test('a network that is slow, lossy or broken', () => {
  const network = { latency: '50ms', loss: '1.5%', bandwidth: '1MB', dns: 'silent' } as const
  expect(parseOptions({ network }, 'x').network).toEqual({
    latency: 50,
    loss: 0.015,
    bandwidth: 1_000_000,
    dns: 'silent',
  })
  expect(parseOptions({ network: { loss: 0.2, latency: 0 } }, 'x').network).toEqual({ loss: 0.2, latency: 0 })
})

test.each([
  [{ loss: 2 }, 'network.loss: 2 must be at most 1'],
  [{ loss: 'x%' }, "network.loss: 'x%' is not a share such as 0.01 or 1%"],
  [{ latency: '2m' }, "network.latency: '2m' must be at most 60000"],
  [{ bandwidth: 0 }, 'network.bandwidth: 0 must be at least 1'],
  [{ dns: 'slow' }, "network.dns: 'slow' is not one of fail, silent"],
  [
    'hots',
    "network: 'hots' is not one of none, host, nor an object of forward, allow, onBlocked, latency, loss, bandwidth, dns",
  ],
  [{ forwrd: [] }, 'network.forwrd: unknown option; did you mean "forward"?'],
  [{ forward: ['5432', 'x'] }, "network.forward[1]: 'x' is not a port, HOST:PORT or PORT:HOST:PORT"],
  [{ forward: [70_000] }, 'network.forward[0]: 70000 has a port that is not between 1 and 65535'],
  [{ forward: 'db:0' }, "network.forward: 'db:0' has a port that is not between 1 and 65535"],
  [{ forward: {} }, 'network.forward: {} is not a port, HOST:PORT, PORT:HOST:PORT or auto'],
  [{ allow: ['a.b'] }, "network.allow[0]: 'a.b' is not NAME:PORT, such as api.example.com:443"],
  [{ allow: 'a.b:4*' }, "network.allow: 'a.b:4*' has a port that is not between 1 and 65535"],
  [{ onBlocked: 'ignore' }, "network.onBlocked: 'ignore' is not one of report, fail"],
])('%j is refused', (network, message) => {
  expect(messageOf(network)).toContain(message)
})

const to = (port: number, host: string, hostPort: number) => ({ port, host, hostPort })

test('a port leads to one place, and not to the resolver', () => {
  expect(checkNetwork({ network: { forward: [to(1, 'a', 1), to(1, 'a', 1)] } })).toBe(false)
  expect(checkNetwork({ network: { forward: [to(1, 'a', 1), to(1, '::1', 2)] } })).toMatchObject({
    key: 'network.forward',
    message: 'leads to more than one place (a:1, [::1]:2)',
  })
  expect(checkNetwork({ network: { forward: [to(53, 'a', 53)] } })).toMatchObject({ key: 'network.forward' })
  expect(checkNetwork({ network: 'none' })).toBe(false)
})
