/** Flags that no other file of these tests uses, and reporters that hear of a test while its file still runs. */
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { leftovers, snapshot } from '../harness/leftovers.js'
import { startJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { waitFor } from '../harness/wait-for.js'
import { type Cell, config, createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'jest.config.js': config(`{ globalSetup: './open.js' }`),
  // Without --forceExit, Jest would wait for that.
  'open.js': `module.exports = () => { setInterval(() => {}, 1000) }`,
  'a.test.js': `
test('has a snapshot', () => expect(1).toMatchSnapshot())
test('takes too long', () => new Promise(() => {}))
test('prints', () => console.log('PRINTED'))`,
}

eachCell((cell, available) => {
  test('--ci, --testTimeout, --forceExit, --silent and --verbose do what they do without Glovebox', async () => {
    if (!available) return
    const flags = ['--ci', '--testTimeout=700', '--forceExit', '--silent', '--verbose']
    const plain = await runFlags(cell, flags, runPlain)
    const sandboxed = await runFlags(cell, flags, run)
    expect(outcomes(plain.result)).toMatchObject({
      'a.test.js > has a snapshot': expect.stringContaining('failed'),
      'a.test.js > takes too long': expect.stringContaining('700 ms'),
      'a.test.js > prints': 'passed',
    })
    expect(outcomes(sandboxed.result)).toEqual(outcomes(plain.result))
    for (const { result, written } of [plain, sandboxed]) {
      expect(written).toBe(false)
      expect(printed(result)).toContain('Force exiting Jest')
      expect(printed(result)).toMatch(/✓ prints/)
      expect(printed(result)).not.toMatch(/console\.log\s+PRINTED/)
    }
  })

  test('a reporter hears of the end of a test while the next one of its file runs', async () => {
    if (!available) return
    const before = snapshot()
    await using project = await createProject(cell, {
      'jest.config.js': config(`{ reporters: ['./live.js'] }`),
      'live.js': `
module.exports = class {
  onTestCaseStart(test, { title }) { console.log('STARTED', title) }
  onTestCaseResult(test, { title, status }) { console.log('ENDED', title, status) }
  onTestFileResult() { console.log('FILE ENDED') }
}`,
      'a.test.js': `
test('first', () => {})
test('second', () => new Promise((done) => setTimeout(done, 600_000)), 700_000)`,
    })
    const started = startJest({ ...cell, cwd: project.dir })
    let output = ''
    started.child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    try {
      await waitFor('the second test to run', () => output.includes('STARTED second'), { limit: 90_000 })
    } finally {
      started.child.kill('SIGINT')
      await started.done
    }
    expect(output).toMatch(/STARTED first\n[\s\S]*ENDED first passed\n[\s\S]*STARTED second\n/)
    expect(output).not.toMatch(/FILE ENDED|ENDED second/)
    await waitFor('what the run left to go', () => leftovers(before, started.marker).length === 0)
  })
})

async function runFlags(
  cell: Cell,
  flags: string[],
  start: typeof run,
): Promise<{ result: Run; written: boolean }> {
  await using project = await createProject(cell, files)
  const result = await start(cell, project, flags)
  return { result, written: existsSync(project.path('__snapshots__')) }
}
