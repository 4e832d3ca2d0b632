/** A worker that dies, at whatever moment, fails its own module, says why, and keeps what had ended. */
import { beforeAll, expect, test } from 'vitest'
import { moduleOf, type Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, outcomes, run } from './support.js'

const die = `process.kill(process.pid, 'SIGKILL'); while (true);`

const files = {
  'vitest.config.ts': config(`{ setupFiles: ['./setup.ts'], retry: 0 }`, `{ limits: { timeout: '20s' } }`),
  'setup.ts': `
if (new Error().stack.length && process.env.VITEST && globalThis.__vitest_worker__.filepath.includes('in-setup')) { ${die} }`,
  'in-setup.test.ts': `import { test } from 'vitest'\ntest('never', () => {})`,
  'while-collected.test.ts': `import { test } from 'vitest'\ntest('never', () => {})\n${die}`,
  'in-before-all.test.ts': `import { beforeAll, test } from 'vitest'\nbeforeAll(() => { ${die} })\ntest('never', () => {})`,
  'in-test.test.ts': `
import { describe, expect, test } from 'vitest'
test('passes before', () => {})
test('fails before', () => expect(1).toBe(2))
describe('group', () => {
  test('dies', () => { ${die} })
  test('comes after', () => {})
})
test.skip('skipped', () => {})`,
  'in-after-all.test.ts': `import { afterAll, test } from 'vitest'\nafterAll(() => { ${die} })\ntest('passes', () => {})`,
  'at-exit.test.ts': `import { test } from 'vitest'\ntest('passes', () => { process.on('exit', () => { ${die} }) })`,
  'aborts.test.ts': `import { test } from 'vitest'\ntest('aborts', () => process.abort())`,
  'exits.test.ts': `import { test } from 'vitest'\ntest('exits', () => process.reallyExit(7))`,
  'docblock.test.ts': `/**\n * @glovebox-memori 64MiB\n */\nimport { test } from 'vitest'\ntest('never', () => {})`,
  'hang.test.ts': `/**\n * @glovebox-timeout 1s\n */\nimport { test } from 'vitest'\ntest('before', () => {})\ntest('hangs', () => { while (true); })`,
  'burst.test.ts': `/**\n * @glovebox-pids 64\n */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
test('ends its 100 helpers at once', () => {
  const helpers = Array.from({ length: 100 }, () => spawn('sleep', ['60'], { stdio: 'ignore' }))
  const pids = helpers.map((helper) => helper.on('error', () => {}).pid)
  helpers.forEach((helper) => helper.pid && helper.kill('SIGKILL'))
  expect(pids).not.toContain(undefined)
})`,
  'shell.test.ts': `/**\n * @glovebox-pids 64\n */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
test('its shell fails', () => {
  const { status } = spawnSync('sh', ['-c', 'for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do sleep 60 & done; done'], { stdio: 'ignore' })
  expect(status).toBe(0)
})`,
  'fine.test.ts': `import { test } from 'vitest'\ntest('fine', () => {})`,
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
    ['in-setup', 'SIGKILL'],
    ['while-collected', 'SIGKILL'],
    ['in-before-all', 'SIGKILL'],
    ['in-test', 'SIGKILL'],
    ['in-after-all', 'SIGKILL'],
    ['at-exit', 'SIGKILL'],
    ['aborts', 'SIGABRT'],
    ['exits', 'code 7'],
    ['hang', 'Timeout'],
    ['burst', 'Process limit'],
    ['shell', 'Process limit'],
  ])('%s: the module fails with %s', (file, reason) => {
    expect(states[`${file}.test.ts`]).toMatch(/^failed/)
    expect(moduleOf(result, `${file}.test.ts`).message).toContain(reason)
  })

  test('tests that had ended keep their result, in the file that was killed', () => {
    expect(states).toMatchObject({
      'in-test.test.ts > passes before': 'passed',
      'in-test.test.ts > fails before': expect.stringMatching(/^failed AssertionError/),
      'in-test.test.ts > group dies': expect.stringMatching(/^failed .*was running/),
      'in-test.test.ts > group comes after': 'skipped',
      'in-test.test.ts > skipped': 'skipped',
      'in-after-all.test.ts > passes': 'passed',
      'at-exit.test.ts > passes': 'passed',
      'hang.test.ts > before': 'passed',
    })
  })

  test('an error of a docblock fails that file alone, and names file and line', () => {
    const { message } = moduleOf(result, 'docblock.test.ts')
    expect(message).toContain('docblock.test.ts: line 2')
    expect(message).toContain('memory')
    expect(states['fine.test.ts > fine']).toBe('passed')
  })

  test('Vitest itself has nothing to complain of', () => {
    expect(result.stderr + result.stdout).not.toMatch(/Unhandled|unexpectedly|vitest-pool/)
    expect(result.code).toBe(1)
  })
})
