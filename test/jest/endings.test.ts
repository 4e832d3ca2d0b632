/** A worker that dies, at whatever moment, fails its own file, says why, and keeps what had ended. */
import { beforeAll, expect, test } from 'vitest'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const die = `process.kill(process.pid, 'SIGKILL'); while (true);`

const files = {
  'jest.config.js': config(`{}`, `{ limits: { timeout: '30s' } }`),
  'while-imported.test.js': `test('never', () => {})\n${die}`,
  'in-before-all.test.js': `beforeAll(() => { ${die} })\ntest('never', () => {})`,
  'in-test.test.js': `
test('passes before', () => {})
test('fails before', () => expect(1).toBe(2))
describe('group', () => {
  test('dies', () => { ${die} })
  test('comes after', () => {})
})`,
  'in-after-all.test.js': `afterAll(() => { ${die} })\ntest('passes', () => {})`,
  'aborts.test.js': `test('aborts', () => process.abort())`,
  'exits.test.js': `test('exits', () => process.exit(7))`,
  'docblock.test.js': `/**\n * @glovebox-memori 64MiB\n */\ntest('never', () => {})`,
  'hang.test.js': `/**\n * @glovebox-timeout 10s\n */\ntest('before', () => {})\ntest('hangs', () => { while (true); })`,
  'memory.test.js': `/**\n * @glovebox-memory 160MiB\n */\ntest('eats', () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)) })`,
  'leak.test.js': `/**\n * @glovebox-leaks fail\n */\ntest('leaves a daemon', () => { require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref() })`,
  'burst.test.js': `/**\n * @glovebox-pids 64\n */
const { spawn } = require('child_process')
test('ends its 100 helpers at once', () => {
  const helpers = Array.from({ length: 100 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }))
  const pids = helpers.map((helper) => helper.on('error', () => {}).pid)
  helpers.forEach((helper) => helper.pid && helper.kill('SIGKILL'))
  expect(pids).not.toContain(undefined)
})`,
  'shell.test.js': `/**\n * @glovebox-pids 64\n */
const { spawnSync } = require('child_process')
test('its shell fails', () => {
  const { status } = spawnSync('sh', ['-c', 'for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do sleep 60 & done; done'], { stdio: 'ignore' })
  expect(status).toBe(0)
})`,
  'fine.test.js': `test('fine', () => {})`,
}

eachCell((cell, available) => {
  let result: Run
  let states: Record<string, string>
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    result = await run(cell, project)
    states = outcomes(result)
  })

  test.each([
    ['while-imported', 'SIGKILL'],
    ['in-before-all', 'SIGKILL'],
    ['in-test', 'SIGKILL'],
    ['in-after-all', 'SIGKILL'],
    ['aborts', 'SIGABRT'],
    ['exits', 'code 7'],
    ['hang', 'Timeout'],
    ['memory', 'Memory limit'],
    ['leak', 'Leaked'],
    ['burst', 'Process limit'],
    ['shell', 'Process limit'],
  ])('%s: the file fails with %s', (file, reason) => {
    expect(states[`${file}.test.js`]).toBe('failed')
    expect(moduleOf(result, `${file}.test.js`).message).toContain(reason)
  })

  test('tests that had ended keep their result, the one that was running fails', () => {
    expect(states).toMatchObject({
      'in-test.test.js > passes before': 'passed',
      'in-test.test.js > fails before': expect.stringMatching(/^failed Error: expect/),
      'in-test.test.js > group dies': expect.stringMatching(/^failed .*was running/),
      'in-after-all.test.js > passes': 'passed',
      'hang.test.js > before': 'passed',
      'leak.test.js > leaves a daemon': 'passed',
    })
  })

  test('an error of a docblock fails that file alone, and names file and line', () => {
    const { message } = moduleOf(result, 'docblock.test.js')
    expect(message).toContain('docblock.test.js: line 2')
    expect(message).toContain('memory')
    expect(states['fine.test.js > fine']).toBe('passed')
  })

  test('Jest itself has nothing to complain of, and no file ran twice', () => {
    expect(printed(result)).not.toMatch(/must contain at least one test|worker process|jest-worker/)
    expect(printed(result).match(/FAIL .*exits.test.js/g)?.length).toBeLessThanOrEqual(2) // again in the summary
    expect(result.code).toBe(1)
  })
})
