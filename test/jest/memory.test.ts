/** What Jest measures of a file's memory is measured in the worker. */
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'tight.test.js': `test('keeps nothing', () => {})`,
  'leaky.test.js': `test('keeps its environment in a module of Node.js', () => { require('http').kept = globalThis })`,
}

eachCell((cell, available) => {
  let plain: Run
  let sandboxed: Run
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    const args = ['--detectLeaks', '--logHeapUsage', '--maxWorkers=1']
    plain = await runPlain(cell, project, args)
    sandboxed = await run(cell, project, args)
  })

  test('--detectLeaks finds the file that leaks, and no other', () => {
    expect(outcomes(plain)).toMatchObject({ 'tight.test.js': 'passed', 'leaky.test.js': 'failed' })
    expect(outcomes(sandboxed)).toEqual(outcomes(plain))
    expect(printed(sandboxed)).toContain('leaking')
  })

  test('--logHeapUsage names a size', () => {
    // Of the file that passed: Jest says nothing else of one that leaks.
    for (const each of [plain, sandboxed])
      expect(printed(each).match(/\(\d+ MB heap size\)/g)).toHaveLength(1)
  })
})
