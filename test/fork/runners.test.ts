/** What becomes, in each runner, of a file whose worker is killed before or after it has begun. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { startJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { startVitest } from '../harness/run-vitest.js'
import { type AnyCell, describeCells } from '../promises/cells.js'
import { calmProject } from '../promises/runner.js'
import { buildFaults } from './inject.js'

/** Of the template: two for the self-test, one for the first file; this is for the second. */
const SECOND_FILE = 4

/** Two files, one after the other; the worker of the second meets a fault. */
async function runWith(cell: AnyCell, fault: string): Promise<Run> {
  await using project = await calmProject(cell)
  const { dir: cwd } = project
  writeFileSync(join(cwd, 'other.test.js'), `import { test } from 'vitest'\ntest('passes', () => {})\n`)
  writeFileSync(join(cwd, 'fault'), `${fault} ${SECOND_FILE}`)
  const env = {
    LD_PRELOAD: buildFaults(cwd),
    GBTEST_FAULT: join(cwd, 'fault'),
    XDG_CACHE_HOME: join(cwd, '.cache'),
  }
  const started =
    'jest' in cell
      ? startJest({ ...cell, cwd, env, args: ['--maxWorkers=1'] })
      : startVitest({ ...cell, cwd, env, args: ['run', '--maxWorkers=1'] })
  return await started.done
}

describeCells(
  [
    { node: 20, vitest: '4.1', as: 'root' },
    { node: 24, jest: '30', as: 'root' },
  ],
  (cell) => {
    requires('userns', 'cc')

    test('it runs in another one, and the report says so, if it had not', async () => {
      const { code, stdout, stderr, report } = await runWith(cell, 'message kill')
      expect(code, stdout + stderr).toBe(0)
      expect(report).toMatchObject({ success: true, numPassedTests: 2 })
      expect(
        stderr.match(/A forked worker died \(SIGKILL\) before .*\.test\.js had begun in it/g),
      ).toHaveLength(1)
    })

    test('it ends as killed if it had', async () => {
      const { code, stderr, report } = await runWith(cell, 'begun kill')
      expect(code).toBe(1)
      expect(report?.testResults.map(({ status }) => status).sort()).toEqual(['failed', 'passed'])
      expect(JSON.stringify(report)).toContain('SIGKILL')
      expect(stderr).not.toContain('A forked worker died')
    })
  },
)
