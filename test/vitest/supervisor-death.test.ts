/** Whenever the supervisor dies, a run of which not every file was judged does not end with code 0. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Run } from '../harness/run-vitest.js'
import { type Cell, createProject, eachCell, outcomes, printed, run } from './support.js'

const killer = fileURLToPath(new URL('../harness/kill-supervisor.mjs', import.meta.url))

/** A reporter beside those of the command line: it does something at the step that it is told. */
const config = `
import { defineConfig } from 'vitest/config'
import { glovebox } from '@glovebox/vitest-plugin'
import { killSupervisor } from './kill-supervisor.mjs'
const { STEP, ACT } = process.env
const act = () => (ACT === 'exit' ? process.exit(0) : killSupervisor(ACT))
let ended = 0
const reporter = {
  onTestRunStart() { if (STEP === 'before the first file') act() },
  onTestCaseReady() { if (STEP === 'while a file runs') act() },
  onTestModuleEnd() {
    ended += 1
    if (STEP === (ended === 1 ? 'between files' : ended === 3 ? 'after the last file' : '')) act()
  },
}
export default defineConfig({
  plugins: [
    glovebox({ worker: 'spawn' }),
    { name: 'act', configureVitest({ vitest }) { vitest.config.reporters.push(reporter) } },
  ],
  test: { maxWorkers: 1, testTimeout: 100_000 },
})
`
const waits = `
import { test } from 'vitest'
test('waits', () => new Promise((resolve) => { if (process.env.STEP !== 'while a file runs') resolve() }))`

const steps = [
  ['before the first file', 0],
  ['while a file runs', 0],
  ['between files', 1],
] as const

eachCell((cell) => {
  describe.each(cell.as === 'user' ? ['all', 'slowly'] : ['slowly'])('supervisor killed (%s)', (how) => {
    test.each(steps)('%s: the run fails, with the files that were not done', async (step, passed) => {
      const result = await act(cell, step, how)
      expect(result.code, printed(result)).toBe(1)
      expect(states(result)).toEqual(['passed', 'passed', 'passed'].fill('failed', passed))
      expect(printed(result)).toContain('The supervisor')
      expect(printed(result)).not.toContain('ended before')
    })

    test('after the last file: all are judged, and the run passes', async () => {
      const result = await act(cell, 'after the last file', how)
      expect(result.code, printed(result)).toBe(0)
      expect(states(result)).toEqual(['passed', 'passed', 'passed'])
    })
  })

  test('whoever ends the process with code 0 before the run is done does not succeed', async () => {
    const result = await act(cell, 'between files', 'exit')
    expect(result.code, printed(result)).toBe(1)
    expect(printed(result)).toContain('Vitest ended before its run was done')
  })
})

async function act(cell: Cell, step: string, what: string): Promise<Run> {
  await using project = await createProject(cell, {
    'vitest.config.ts': config,
    'kill-supervisor.mjs': await readFile(killer, 'utf8'),
    '1.test.ts': waits,
    '2.test.ts': waits,
    '3.test.ts': waits,
  })
  return await run(cell, project, [], { env: { STEP: step, ACT: what } })
}

/** Of the files, in the order in which they ran. */
function states(result: Run): string[] {
  return Object.entries(outcomes(result))
    .filter(([name]) => name.endsWith('.test.ts'))
    .map(([, state]) => state.split(' ')[0] ?? '')
    .sort()
    .reverse()
}
