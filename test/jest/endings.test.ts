/** A worker that dies, at whatever moment, fails its own file, says why, and keeps what had ended. */
import { beforeAll, expect, test } from 'vitest'
import { endingFiles, reasons } from '../harness/endings.js'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const files = {
  'jest.config.js': config(`{}`, `{ limits: { timeout: '30s' } }`),
  'exits-politely.test.js': `test('exits', () => process.exit(7))`,
  'memory.test.js': `/**\n * @glovebox-memory 160MiB\n */\ntest('eats', () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)) })`,
  'leak.test.js': `/**\n * @glovebox-leaks fail\n */\ntest('leaves a daemon', () => { require('child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref() })`,
  ...endingFiles(),
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
    ...reasons.map(([name, reason]) => [`${name}.test.ts`, reason] as const),
    ['exits-politely.test.js', 'code 7'],
    ['memory.test.js', 'Memory limit'],
    ['leak.test.js', 'Leaked'],
  ] as const)('%s: the file fails with %s', (file, reason) => {
    expect(states[file]).toBe('failed')
    expect(moduleOf(result, file).message).toContain(reason)
  })

  test('tests that had ended keep their result, the one that was running fails', () => {
    expect(states).toMatchObject({
      'in-test.test.ts > passes before': 'passed',
      'in-test.test.ts > fails before': expect.stringMatching(/^failed Error: expect/),
      'in-test.test.ts > group dies': expect.stringMatching(/^failed .*was running/),
      'in-after-all.test.ts > passes': 'passed',
      'hang.test.ts > before': 'passed',
      'leak.test.js > leaves a daemon': 'passed',
    })
  })

  test('an error of a docblock fails that file alone, and names file and line', () => {
    const { message } = moduleOf(result, 'docblock.test.ts')
    expect(message).toContain('docblock.test.ts: line 2')
    expect(message).toContain('memory')
    expect(states['fine.test.ts > fine']).toBe('passed')
  })

  test('Jest itself has nothing to complain of, and no file ran twice', () => {
    expect(printed(result)).not.toMatch(/must contain at least one test|worker process|jest-worker/)
    expect(printed(result).match(/FAIL .*exits-politely.test.js/g)?.length).toBeLessThanOrEqual(2) // again in the summary
    expect(result.code).toBe(1)
  })
})
