/** A worker that dies, at whatever moment, fails its own module, says why, and keeps what had ended. */
import { beforeAll, expect, test } from 'vitest'
import { die, endingFiles, reasons } from '../harness/endings.js'
import { moduleOf, type Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, outcomes, run } from './support.js'

const files = {
  'vitest.config.ts': config(`{ setupFiles: ['./setup.ts'], retry: 0 }`, `{ limits: { timeout: '20s' } }`),
  'setup.ts': `
if (new Error().stack.length && process.env.VITEST && globalThis.__vitest_worker__.filepath.includes('in-setup')) { ${die} }`,
  'in-setup.test.ts': `import { test } from 'vitest'\ntest('never', () => {})`,
  'at-exit.test.ts': `import { test } from 'vitest'\ntest('passes', () => { process.on('exit', () => { ${die} }) })`,
  ...endingFiles(`import { afterAll, beforeAll, describe, expect, test } from 'vitest'`),
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

  test.each([...reasons, ['in-setup', 'SIGKILL'], ['at-exit', 'SIGKILL']])(
    '%s: the module fails with %s',
    (file, reason) => {
      expect(states[`${file}.test.ts`]).toMatch(/^failed/)
      expect(moduleOf(result, `${file}.test.ts`).message).toContain(reason)
    },
  )

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
