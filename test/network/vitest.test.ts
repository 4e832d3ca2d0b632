/** Policies in a real Vitest run: options, docblocks, what the report says, and the verdict. */
import { beforeAll, expect, test } from 'vitest'
import { moduleOf, type Run } from '../harness/run-vitest.js'
import { cellsOr, describeCells } from '../promises/cells.js'
import { type Cell, config, createProject, outcomes, printed, run } from '../vitest/support.js'
import { own, type Server, serve } from './inside.js'

const cells: readonly Cell[] = cellsOr([
  { node: 20, vitest: '4.1', as: 'root' },
  { node: 24, vitest: '4.1', as: 'user' },
])

const ask = `
import net from 'node:net'
import dns from 'node:dns/promises'
import { expect, test } from 'vitest'
export const ask = (port: number) => new Promise<string>((resolve) => {
  let answer = ''
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true }, () => socket.end('hello'))
  socket.setEncoding('utf8').on('data', (chunk) => { answer += chunk })
  socket.on('end', () => resolve(answer)).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
})
const port = Number(process.env.SERVICE_PORT)
`

const files = {
  'vitest.config.ts': config(
    `{ globalSetup: './global-setup.ts' }`,
    `{
      overrides: [
        { files: ['auto.test.ts', 'mentioned.test.ts'], network: { forward: 'auto' } },
        { files: 'strict.test.ts', network: { allow: 'api.example.com:443', onBlocked: 'fail' } },
      ],
    }`,
  ),
  // A server in Vitest's main process, as projects have them.
  'global-setup.ts': `
import net from 'node:net'
export default async function setup(project: { provide(name: string, value: unknown): void }) {
  const url = \`http://localhost:\${process.env.GLOBAL_PORT}/\`
  if (process.env.PROVIDE) project.provide('globalUrl', url)
  else process.env.GLOBAL_URL = url
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket))
  await new Promise<void>((resolve) => server.listen(Number(process.env.GLOBAL_PORT), '127.0.0.1', resolve))
  return () => server.close()
}`,
  'sealed.test.ts': `${ask}
test('nothing is reached', async () => expect(await ask(port)).toBe('ECONNREFUSED'))`,
  'auto.test.ts': `${ask}
test('the service that a variable names is reached', async () => expect(await ask(port)).toBe('hello, bye'))`,
  'mentioned.test.ts': `${ask}
import { inject } from 'vitest'
test('the server that the global setup names is reached', async () => {
  const url = process.env.GLOBAL_URL ?? inject('globalUrl' as never)
  expect(await ask(Number(new URL(url).port))).toBe('hello')
})`,
  'host.test.ts': `/** @glovebox-network host */
${ask}
test('reaches what the host has', async () => expect(await ask(port)).toBe('hello, bye'))`,
  'report.test.ts': `/** @glovebox-allow api.example.com:443 */
${ask}
test('is refused, and passes all the same', () => expect(dns.lookup('pay.example.com')).rejects.toThrow('ENOTFOUND'))`,
  // In a forked worker, as the others.
  'any.test.ts': `/** @glovebox-allow ${own ?? 'nowhere.invalid'}:* */
${ask}
test.skipIf(${own === undefined})('any port of a name is reached', () => new Promise<void>((resolve, reject) => {
  net.connect({ host: '${own}', port }, () => resolve()).on('error', reject)
}))`,
  // Without a policy: what Node.js itself can tell.
  'direct.test.ts': `${ask}
import { describe } from 'vitest'
describe('card', () => {
  test('charges', () => expect(fetch('https://api.example.com/')).rejects.toThrow())
  test('reaches', () => new Promise((resolve) => net.connect(80, '192.0.2.1').on('error', resolve)))
})`,
  // What asks is not Node.js's `net`, or another process: the sandbox's resolver sees it.
  'children.test.ts': `${ask}
import { spawnSync } from 'node:child_process'
test('asks by itself', () => expect(dns.resolve4('resolve.example.com')).rejects.toThrow('ENOTFOUND'))
test('asks by a child', () => expect(spawnSync('getent', ['hosts', 'child.example.com']).status).toBe(2))
test('has names below localhost', async () => expect((await dns.lookup('shop.localhost', 4)).address).toBe('127.0.0.1'))`,
  'strict.test.ts': `${ask}
test('is refused, and passes by itself', () => expect(dns.lookup('pay.example.com')).rejects.toThrow('ENOTFOUND'))`,
  'address.test.ts': `/** @glovebox-on-blocked fail */
${ask}
test('is refused, and passes by itself', () => new Promise((resolve) => net.connect(80, '192.0.2.1').on('error', resolve)))`,
  'clash.test.ts': `/** @glovebox-forward 5432 */
${ask}
test('listens', () => new Promise((resolve, reject) => net.createServer().on('error', reject).listen(5432, () => resolve(0))))`,
  'wrong.test.ts': `/** @glovebox-forward db */
${ask}
test('never runs', () => {})`,
}

describeCells(cells, (cell, available) => {
  let result: Run
  let states: Record<string, string>
  beforeAll(async () => {
    if (!available) return
    await using server: Server = await serve()
    await using global: Server = await serve()
    const port = global.port
    await global[Symbol.asyncDispose]()
    await using project = await createProject(cell, {
      ...files,
      'global.test.ts': `/** @glovebox-forward ${port} */
${ask}
test('a server of the global setup is reached', async () => expect(await ask(${port})).toBe('hello'))`,
    })
    const env = {
      SERVICE_PORT: String(server.port),
      SERVICE_URL: `http://localhost:${server.port}/`,
      GLOBAL_PORT: String(port),
      // One way for each cell.
      ...(cell.as === 'user' && { PROVIDE: '1' }),
    }
    result = await run(cell, project, [], { env })
    states = outcomes(result)
  })

  test.each([
    'sealed',
    'host',
    'children',
    'auto',
    'mentioned',
    'report',
    'direct',
    'global',
    ...(own === undefined ? [] : ['any']),
  ])('%s.test.ts passes', (file) => {
    expect(states[`${file}.test.ts`]).toBe('passed')
  })

  test('names that were refused are in the report', () => {
    // With the test that ran, whoever asked: the resolver, the forwarder's and the sandbox's own, notes the time.
    expect(printed(result)).toContain(
      'report.test.ts > is refused, and passes all the same tried pay.example.com',
    )
    expect(printed(result)).toContain('children.test.ts > asks by itself tried resolve.example.com')
    expect(printed(result)).toContain('children.test.ts > asks by a child tried child.example.com')
    const direct = 'direct.test.ts > card >'
    expect(printed(result)).toContain(`${direct} charges tried api.example.com:443`)
    expect(printed(result)).toContain(`${direct} reaches tried 192.0.2.1:80`)
  })

  test('the file that shares the host’s network is in the report', () => {
    expect(printed(result)).toMatch(/host\.test\.ts .*host network/)
    expect(printed(result)).not.toMatch(/sealed\.test\.ts .*host network/)
  })

  test('onBlocked: fail fails the module, though its tests passed', () => {
    expect(states['strict.test.ts > is refused, and passes by itself']).toBe('passed')
    const { status, message } = moduleOf(result, 'strict.test.ts')
    expect(status).toBe('failed')
    expect(message).toContain('Network blocked: the file asked for pay.example.com')
    expect(message).toContain("network: { allow: ['pay.example.com:443'] }")
  })

  test('so does an address', () => {
    const { status, message } = moduleOf(result, 'address.test.ts')
    expect(status).toBe('failed')
    expect(message).toContain('Network blocked: the file asked for 192.0.2.1:80')
  })

  test('a file that listens on a port that is forwarded fails, and is told why', () => {
    expect(moduleOf(result, 'clash.test.ts').message).toContain('Port taken: the file listens on port 5432')
  })

  test('a pragma that is wrong fails its file alone, by line', () => {
    expect(moduleOf(result, 'wrong.test.ts').message).toMatch(
      /wrong\.test\.ts: line 1: @glovebox-forward: 'db' is not a port, HOST:PORT or PORT:HOST:PORT/,
    )
  })
})
