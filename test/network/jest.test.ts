/** Policies in a real Jest run: options, docblocks, what the report says, and the verdict. */
import { beforeAll, expect, test } from 'vitest'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { type Cell, config, createProject, eachCell, outcomes, printed, run } from '../jest/support.js'
import { serve } from './inside.js'

const cells: readonly Cell[] = [
  { node: 24, jest: '29.7', as: 'root' },
  { node: 22, jest: '30', as: 'user' },
]

const ask = `
const net = require('node:net'), dns = require('node:dns/promises'), http = require('node:http')
const ask = (port, host = '127.0.0.1') => new Promise((resolve) => {
  let answer = ''
  const socket = net.connect({ host, port, allowHalfOpen: true }, () => socket.end('hello'))
  socket.setEncoding('utf8').on('data', (chunk) => { answer += chunk })
  socket.on('end', () => resolve(answer)).on('error', (error) => resolve(error.code))
})
const port = Number(process.env.SERVICE_PORT)
`

const files = {
  'jest.config.js': config(
    `{ globalSetup: './global-setup.js' }`,
    `{
      overrides: [
        { files: ['**/auto.test.js', '**/mentioned.test.js'], network: { forward: 'auto' } },
        { files: '**/strict.test.js', network: { allow: 'api.example.com:443', onBlocked: 'fail' } },
      ],
    }`,
  ),
  'global-setup.js': `module.exports = () => { process.env.GLOBAL_URL = 'http://[::1]:' + process.env.GLOBAL_PORT }`,
  'mentioned.test.js': `${ask}
test('the server that the global setup names is reached', async () => {
  expect(await ask(Number(new URL(process.env.GLOBAL_URL).port), '::1')).toBe('hello, bye')
})`,
  'host.test.js': `/**\n * @glovebox-network host\n */
${ask}
test('reaches what the host has', async () => expect(await ask(port)).toBe('hello, bye'))`,
  'sealed.test.js': `${ask}
test('nothing is reached', async () => expect(await ask(port)).toBe('ECONNREFUSED'))`,
  'auto.test.js': `${ask}
test('the service that a variable names is reached', async () => expect(await ask(port)).toBe('hello, bye'))`,
  // Without a policy: what Node.js itself can tell.
  'direct.test.js': `${ask}
describe('card', () => {
  test('charges', () => expect(fetch('https://api.example.com/')).rejects.toThrow())
  test('reaches', async () => expect(await ask(80, '192.0.2.1')).toBe('ENETUNREACH'))
  test('reaches six', async () => expect(await ask(81, '2001:db8::1')).toBe('ENETUNREACH'))
  test('resolves', () => expect(dns.resolve4('resolve.example.com')).rejects.toThrow('ENOTFOUND'))
  test('asks', () => new Promise((resolve) => http.get('http://shop.example.com:8080/').on('error', resolve)))
})`,
  'strict.test.js': `${ask}
test('is refused, and passes by itself', () => expect(dns.lookup('pay.example.com')).rejects.toThrow('ENOTFOUND'))`,
  'clash.test.js': `/**\n * @glovebox-forward 5432\n */
${ask}
test('listens', () => new Promise((resolve, reject) => net.createServer().on('error', reject).listen(5432, () => resolve(0))))`,
}

eachCell((cell, available) => {
  let result: Run
  let states: Record<string, string>
  beforeAll(async () => {
    if (!available) return
    await using server = await serve()
    await using global = await serve(undefined, '::1')
    await using project = await createProject(cell, files)
    const env = {
      SERVICE_PORT: String(server.port),
      SERVICE_URL: `http://localhost:${server.port}/`,
      GLOBAL_PORT: String(global.port),
    }
    result = await run(cell, project, [], { env })
    states = outcomes(result)
  })

  test.each(['sealed', 'host', 'auto', 'mentioned', 'direct'])('%s.test.js passes', (file) => {
    expect(states[`${file}.test.js`]).toBe('passed')
  })

  test('what was tried is in the report, with the test that ran', () => {
    expect(printed(result)).toContain('direct.test.js > card > charges tried api.example.com:443')
    expect(printed(result)).toContain('direct.test.js > card > reaches tried 192.0.2.1:80')
    expect(printed(result)).toContain('direct.test.js > card > reaches six tried [2001:db8::1]:81')
    expect(printed(result)).toContain('direct.test.js > card > resolves tried resolve.example.com')
    expect(printed(result)).toContain(
      'strict.test.js > is refused, and passes by itself tried pay.example.com',
    )
    expect(printed(result)).toContain('direct.test.js > card > asks tried shop.example.com:8080')
  })

  test('the file that shares the host’s network is in the report', () => {
    expect(printed(result)).toMatch(/host\.test\.js .*host network/)
    expect(printed(result)).not.toMatch(/sealed\.test\.js .*host network/)
  })

  test('onBlocked: fail fails the file, though its tests passed', () => {
    const { status, message } = moduleOf(result, 'strict.test.js')
    expect(status).toBe('failed')
    expect(message).toContain('Network blocked: the file asked for pay.example.com')
  })

  test('a file that listens on a port that is forwarded fails, and is told why', () => {
    expect(moduleOf(result, 'clash.test.js').message).toContain('Port taken: the file listens on port 5432')
  })
}, cells)
