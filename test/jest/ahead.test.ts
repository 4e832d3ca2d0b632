/** An environment that the template made ahead is to a test what one made for its file is, and only where one like it was asked for. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { type Cell, config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

/** What a test sees of its environment, as text that is the same each time. */
const view = `
const kinds = (object) => Object.getOwnPropertyNames(object).sort().map((name) => {
  const { get, configurable, enumerable, writable } = Object.getOwnPropertyDescriptor(object, name) ?? {}
  return [name, get ? 'getter' : 'value', configurable, enumerable, writable].join(' ')
})
const seen = {
  globals: kinds(globalThis).filter((kind) => !kind.startsWith('glovebox ')),
  process: kinds(process).filter((kind) => !/^(pid|ppid|uptime|send|connected|channel|disconnect|emit|_\\w+|argv0|title) /.test(kind)),
  ready: typeof document === 'object' && [document.readyState, document.documentElement.outerHTML, location.href],
  env: [process.env.MARK, process.env.NODE_ENV, process.env.JEST_WORKER_ID, Object.keys(process.env).length > 3],
  name: globalThis.GIVEN,
}
`

const checks = (name: string) => `${view}
test('sees its environment', () => { require('fs').writeSync(1, 'VIEW ' + JSON.stringify(['${name}', seen]) + '\\n') })
test('is itself', () => {
  expect(process.pid).toBe(Number(require('fs').readlinkSync('/proc/self')))
  expect(process.uptime()).toBeGreaterThan(0)
  expect(performance.now()).toBeGreaterThan(0)
  expect(Math.abs(performance.timeOrigin + performance.now() - Date.now())).toBeLessThan(60_000)
  expect(expect.getState().testPath).toBe(__filename)
})
test('changes of its environment reach its process', () => {
  process.env.CHANGED = 1
  expect(process.env.CHANGED).toBe('1')
  delete process.env.CHANGED
  expect('CHANGED' in process.env).toBe(false)
})
test('has timers that can be faked', () => {
  jest.useFakeTimers({ now: 0 })
  const called = jest.fn()
  setTimeout(called, 1000)
  jest.advanceTimersByTime(1000)
  expect([Date.now(), called.mock.calls.length]).toEqual([1000, 1])
  jest.useRealTimers()
})
test('prints', () => console.log('printed by ${name}'))
test('draws at random', () => { require('fs').writeSync(1, 'RANDOM ' + Math.random() + '\\n') })
test('fails', () => expect({ a: 1 }).toEqual({ a: 2 }))
`

const files = {
  'node-1.test.js': checks('node'),
  'node-2.test.js': checks('node again'),
  'dom-1.test.js': `/** @jest-${'environment'} jsdom */\n${checks('jsdom')}
test('errors of listeners are printed', () => {
  addEventListener('click', () => { throw new Error('thrown by a listener') })
  dispatchEvent(new Event('click'))
})`,
  'dom-2.test.js': `/** @jest-${'environment'} jsdom */\n${checks('jsdom again')}`,
  'options.test.js': `/**\n * @jest-${'environment'} jsdom\n * @jest-${'environment'}-options {"url": "http://other.example/"}\n */\n${checks('jsdom with options')}`,
  'own.test.js': `/** @jest-${'environment'} ./own.js */\n${checks('own')}\ntest('is of its own class', () => expect([OWN, ANSWERED]).toEqual(['own.test.js', 42]))`,
  'own.js': `
const { TestEnvironment } = require('jest-environment-node')
module.exports = class Own extends TestEnvironment {
  answer = 42
  constructor(config, context) { super(config, context); this.global.OWN = require('path').basename(context.testPath) }
  async setup() { await super.setup(); this.global.ANSWERED = this.answer }
}`,
}

interface Result {
  run: Run
  views: Map<string, unknown>
  outcomes: Record<string, string>
}

eachCell((cell, available) => {
  let plain: Result
  let forked: Result
  beforeAll(async () => {
    if (!available) return
    plain = await runFiles(cell, { PLAIN: '1' })
    forked = await runFiles(cell)
  })

  test('all files take over what was made ahead, but for one that asks for something else', () => {
    expect(printed(forked.run).match(/was made ahead/g), printed(forked.run)).toHaveLength(5)
  })

  test('every test ends the same way', () => {
    const unexpected = Object.entries(plain.outcomes).filter(
      ([name, outcome]) => outcome !== 'passed' && !/\.js$| > fails$| > errors of listeners/.test(name),
    )
    expect(unexpected, printed(plain.run)).toEqual([])
    expect(Object.keys(plain.outcomes)).toHaveLength(6 * 8 + 2)
    expect(forked.outcomes).toEqual(plain.outcomes)
  })

  test('every file sees the same', () => {
    expect(forked.views.size).toBe(6)
    expect(forked.views).toEqual(plain.views)
  })

  test('the same is printed, with the same lines named', () => {
    expect(logsOf(plain.run)).toHaveLength(7)
    expect(logsOf(forked.run)).toEqual(logsOf(plain.run))
  })

  test('no two files draw the same numbers', () => {
    const drawn = [...printed(forked.run).matchAll(/RANDOM (0\.\d+)/g)].map(([, number]) => number)
    expect(drawn).toHaveLength(6)
    expect(new Set(drawn).size).toBe(6)
  })
})

async function runFiles(cell: Cell, env: Record<string, string> = {}): Promise<Result> {
  await using project = await createProject(cell, {
    ...files,
    'jest.config.js': config(`{ globals: { GIVEN: 'given' } }`, `{ worker: 'fork' }`),
  })
  const start = 'PLAIN' in env ? runPlain : run
  const result = await start(cell, project, ['--maxWorkers=1', '--verbose=false'], {
    env: { MARK: 'mark', NODE_DEBUG: 'glovebox', ...env },
  })
  const views = [...printed(result).matchAll(/VIEW (\[.*\])$/gm)].map(
    ([, text = '']) => JSON.parse(text) as [string, unknown],
  )
  return { run: result, views: new Map(views), outcomes: outcomes(result) }
}

/** What was printed through the console, each with the line that Jest names as its origin. */
function logsOf(result: Run): string[] {
  const pattern = /(printed by [\w ]+|thrown by a listener)[\s\S]*?at .*?(\w+-?\d?\.test\.js:\d+:\d+)/g
  const text = printed(result)
  const consoles = text.split(/console\.(?:log|error)\n/).slice(1)
  return consoles
    .flatMap((each) => [...each.matchAll(pattern)].slice(0, 1).map(([, what, where]) => `${what} ${where}`))
    .sort()
}
