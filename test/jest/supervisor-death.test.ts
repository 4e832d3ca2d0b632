/** When the supervisor dies, or somebody ends the process, a run of which not every file was judged does not end with code 0. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const killer = fileURLToPath(new URL('../harness/kill-supervisor.mjs', import.meta.url))

/** A reporter that acts when the first file has ended. */
const acts = `
module.exports = class {
  async onTestFileResult() {
    const { ACT } = process.env
    if (this.acted) return
    this.acted = true
    if (ACT === 'exit') process.exit(0)
    else (await import('./kill-supervisor.mjs')).killSupervisor(ACT)
  }
}`

eachCell((cell) => {
  test.each([
    ['all', 'The supervisor'],
    ['slowly', 'The supervisor'],
    ['exit', 'Jest ended before all its files were run'],
  ])('between files (%s): the run fails', async (act, message) => {
    await using project = await createProject(cell, {
      'jest.config.js': config(`{ reporters: ['default', './acts.js'] }`, `{ worker: 'spawn' }`),
      'acts.js': acts,
      'kill-supervisor.mjs': await readFile(killer, 'utf8'),
      '1.test.js': `test('passes', () => {})`,
      '2.test.js': `test('passes', () => {})`,
      '3.test.js': `test('passes', () => {})`,
    })
    const result = await run(cell, project, ['--maxWorkers', '1'], { env: { ACT: act } })
    expect(result.code, printed(result)).toBe(1)
    expect(printed(result)).toContain(message)
    if (act !== 'exit') expect(Object.values(outcomes(result))).toContain('failed')
  })
})
