/** Runs that do not go to their end: --bail, Ctrl-C. */
import { expect, test } from 'vitest'
import { snapshot } from '../harness/leftovers.js'
import { startVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'
import { config, createProject, eachCell, expectNothingLeft, outcomes, run, runPlain } from './support.js'
import { openTerminal } from './terminal.js'

const bailing = {
  ...Object.fromEntries(
    ['b', 'c', 'd'].map((name) => [
      `${name}.test.ts`,
      `import { test } from 'vitest'\ntest('${name}', () => {})`,
    ]),
  ),
  'sequence.ts': `
import { BaseSequencer } from 'vitest/node'
export default class extends BaseSequencer { async sort(files) { return files.sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1)) } }`,
  'vitest.config.ts': `
import { defineConfig } from 'vitest/config'
import { glovebox } from '@glovebox/vitest-plugin'
import sequencer from './sequence'
export default defineConfig({ plugins: process.env.PLAIN ? [] : [glovebox()], test: { maxWorkers: 1, bail: 1, sequence: { sequencer } } })`,
}

eachCell((cell) => {
  test('--bail ends the run after a failed test, as before', async () => {
    await using project = await createProject(cell, {
      ...bailing,
      'a.test.ts': `import { expect, test } from 'vitest'\ntest('fails', () => expect(1).toBe(2))\ntest('then', () => {})`,
    })
    const plain = outcomes(await runPlain(cell, project))
    expect(plain['b.test.ts > b']).not.toBe('passed')
    expect(outcomes(await run(cell, project))).toEqual(plain)
  })

  test('--bail ends the run after a file that was killed', async () => {
    await using project = await createProject(cell, {
      ...bailing,
      'a.test.ts': `import { test } from 'vitest'\ntest('dies', () => { process.kill(process.pid, 'SIGKILL'); while (true); })`,
    })
    const result = await run(cell, project)
    expect(outcomes(result)['a.test.ts']).toMatch(/^failed Killed/)
    expect(Object.keys(outcomes(result))).not.toContain('d.test.ts > d')
    expect(result.code).toBe(1)
  })

  const waiting = {
    'endless.test.ts': `
import { test } from 'vitest'
test('waits', async () => { process.stdout.write('WAITING\\n'); await new Promise((done) => setTimeout(done, 600_000)) }, 700_000)`,
    'second.test.ts': `import { test } from 'vitest'\ntest('comes second', () => {})`,
    'vitest.config.ts': config('{ maxWorkers: 1 }'),
  }

  test('SIGINT to the process group ends the run, and nothing is left', async () => {
    await using project = await createProject(cell, waiting)
    const before = snapshot()
    const { child, marker, done } = startVitest({ ...cell, cwd: project.dir })
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
    })
    await waitFor('the test to run', () => output.includes('WAITING'))
    process.kill(-(child.pid ?? 0), 'SIGINT')
    const result = await done
    expect(result.code ?? result.signal).not.toBe(0)
    await expectNothingLeft(before, marker)
  })

  test('Ctrl-C in watch mode cancels the run, once more ends it, and nothing is left', async () => {
    await using project = await createProject(cell, waiting)
    const before = snapshot()
    await using terminal = openTerminal(cell, project.dir, 'watch')
    await waitFor('the test to run', () => terminal.output().includes('WAITING'))
    terminal.type('\x03')
    await waitFor('the run to be cancelled', () => terminal.output().includes('Cancelling'))
    terminal.type('\x03')
    await terminal.ended
    expect(terminal.output()).not.toContain('comes second')
    await expectNothingLeft(before, terminal.marker)
  })
})
