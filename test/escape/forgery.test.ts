/**
 * Verdict integrity, with real runners: what a file says in the name of another is not taken, under Vitest and under Jest; one that closes
 * its channel, leaves early or lost a child does not pass. The same forgeries, made in the runners' own workers, change their reports.
 */
import { beforeAll, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { moduleOf, type Run } from '../harness/run-runner.js'
import { type AnyCell, cells, describeCells, jestCells } from '../promises/cells.js'
import { messagesOf, testsOf } from '../promises/report.js'
import { startTests } from '../promises/runner.js'

const victim = '1-victim.test.js'
const forger = '2-forger.test.js'
const after = '3-after.test.js'

async function run(cell: AnyCell, env: Record<string, string> = {}): Promise<Run> {
  await using project = await createFixture({ ...cell, from: 'test/escape/projects/forgery' })
  return await startTests(cell, { cwd: project.dir, env }).done
}

/** Names of the files that the report has as passed; one may be there twice. */
const passed = ({ report }: Run) =>
  report?.testResults.filter(({ status }) => status === 'passed').map(({ name }) => name.split('/').at(-1))

describeCells<AnyCell>([...cells.slice(1, 3), ...jestCells], (cell, available) => {
  let sandboxed: Run
  beforeAll(async () => {
    if (available) sandboxed = await run(cell)
  })

  test('a file keeps its own result, whatever another says in its name', () => {
    expect(testsOf(sandboxed, victim)).toEqual({ 'is wrong': 'failed' })
    expect(passed(sandboxed)).toEqual([after])
    expect(sandboxed.code).toBe(1)
  })

  test('who speaks for another fails, and the message says so', () => {
    expect(moduleOf(sandboxed, forger).status).toBe('failed')
    expect(messagesOf(sandboxed, forger)).toMatch(/sent messages in the name of others/)
  })

  test('the run goes on, and no file finds the directory of the supervisor, which is there', () => {
    expect(testsOf(sandboxed, after)).toEqual({ 'finds no directory of the supervisor': 'passed' })
    expect(sandboxed.stdout).toMatch(/CONTROL run directories: [1-9]/)
  })

  test.each([
    ['4-closes.test.js', /exit/],
    ['5-killed-child.test.js', /memory/],
  ])('%s does not pass', (file, message) => {
    expect(moduleOf(sandboxed, file).status).toBe('failed')
    expect(messagesOf(sandboxed, file)).toMatch(message)
  })
})

describeCells<AnyCell>([...cells.slice(2, 3), ...jestCells.slice(1)], (cell) => {
  test("positive control: in the runner's own worker the forgery is taken", async () => {
    const plain = await run(cell, { PLAIN: '1' })
    // Vitest has the victim as passed, and does not run what comes after it; Jest has it twice.
    expect(passed(plain)).toContain(victim)
  })
})
