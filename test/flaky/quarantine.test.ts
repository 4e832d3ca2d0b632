/** A file or test in quarantine runs, is reported, and does not fail the run; until a day. */
import { describe, expect, test } from 'vitest'
import { cli } from '../cli/cli.js'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { runJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { runVitest } from '../harness/run-vitest.js'

const files = {
  'a.test.js': `describe('cart', () => { it('adds', () => { throw new Error('one too many') }) })\nit('is fine', () => {})`,
  'b.test.js': `it('is killed', () => process.kill(process.pid, 'SIGKILL'))`,
}

const quarantine = (project: Fixture, ...args: string[]) =>
  cli(['quarantine', ...args], { as: project.as, cwd: project.dir })
const about = ['--owner', 'ada', '--reason', 'issue 12']

interface Runner {
  features: Parameters<typeof requires>
  create(): Promise<Fixture>
  run(project: Fixture): Promise<Run>
}

const runners: Record<string, Runner> = {
  'Vitest 4.1': {
    features: ['user', 'vitest4.1', 'node20'],
    create: () =>
      createFixture({
        vitest: '4.1',
        as: 'user',
        files: {
          ...files,
          'vitest.config.js': `import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox()], test: { globals: true } }`,
        },
      }),
    run: (project: Fixture) => runVitest({ node: 20, vitest: '4.1', as: 'user', cwd: project.dir }),
  },
  'Vitest 5.1': {
    features: ['root', 'vitest5.1', 'node24'],
    create: () =>
      createFixture({
        vitest: '5.1',
        files: {
          ...files,
          'vitest.config.js': `import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox()], test: { globals: true } }`,
        },
      }),
    run: (project: Fixture) => runVitest({ node: 24, vitest: '5.1', as: 'root', cwd: project.dir }),
  },
  'Jest 30': {
    features: ['root', 'jest30', 'node24'],
    create: () =>
      createFixture({
        jest: '30',
        files: {
          ...files,
          'package.json': JSON.stringify({ name: 'fixture', private: true }),
          'jest.config.js': `module.exports = { preset: '@glovebox/jest-env' }`,
        },
      }),
    run: (project: Fixture) => runJest({ node: 24, jest: '30', as: 'root', cwd: project.dir }),
  },
}

describe.each(Object.entries(runners))('%s', (_, { features, create, run }) => {
  requires(...features)

  test('failures in quarantine are told and do not fail the run; all others do', async () => {
    await using project = await create()
    await quarantine(project, 'add', 'a.test.js', '-t', 'cart > adds', ...about)
    expect(failedOf(await run(project))).toEqual({ code: 1, failed: ['b.test.js'] })

    await quarantine(project, 'add', 'b.test.js', ...about)
    const excused = await run(project)
    expect(failedOf(excused)).toEqual({ code: 0, failed: [] })
    expect(excused.stderr).toMatch(
      / a\.test\.js failed, but is in quarantine until \S+ \(ada: issue 12\): cart/,
    )
    expect(excused.stderr).toMatch(/ b\.test\.js failed, but is in quarantine until/)
    expect(testOf(excused, 'adds')).toMatch(/skipped|pending/)
    expect(testOf(excused, 'is fine')).toBe('passed')
  })
})

describe('glovebox quarantine', () => {
  requires('root')

  test('keeps a list that can be read, changed and cleared of what has expired', async () => {
    await using project = await createFixture({ files })
    expect((await quarantine(project, 'list')).stdout).toBe('Nothing is in quarantine.\n')
    const added = await quarantine(project, 'add', 'a.test.js', ...about, '--expires', '2999-12-31')
    expect(added).toMatchObject({ status: 0, stdout: 'a.test.js is in quarantine until 2999-12-31.\n' })
    await quarantine(project, 'add', 'a.test.js', ...about, '--expires', '2998-01-01')
    await quarantine(project, 'add', 'b.test.js', ...about, '--expires', '2020-01-01')
    const listed = await quarantine(project, 'list')
    expect(listed.stdout).toMatch(/a\.test\.js .*\(all\) .*ada .*issue 12 .*2998-01-01/)
    expect(listed.stdout).not.toContain('2999')
    expect(listed.stdout).toContain('2020-01-01 (expired)')
    expect(listed.status).toBe(1)
    const pruned = await quarantine(project, 'prune')
    expect(pruned).toMatchObject({ status: 0, stdout: 'b.test.js is no longer in quarantine.\n' })
    const { stdout, status } = await quarantine(project, 'list', '--json')
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      entries: [{ file: 'a.test.js', owner: 'ada', reason: 'issue 12', expires: '2998-01-01' }],
    })
    expect(status).toBe(0)
  })

  test.each([
    [['add', 'c.test.js', ...about], 'c.test.js: there is no such file'],
    [['add', 'a.test.js', '--owner', 'ada'], "required option '--reason <text>' not specified"],
    [['add', 'a.test.js', ...about, '--expires', 'soon'], '--expires soon: a day such as 2026-12-31'],
  ])('%j is refused with the reason', async (args, reason) => {
    await using project = await createFixture({ files })
    const { status, stderr } = await quarantine(project, ...args)
    expect(stderr).toContain(reason)
    expect(status).toBe(2)
  })
})

function failedOf({ code, report, stdout, stderr }: Run): { code: number | null; failed: string[] } {
  if (report === undefined) throw new Error(`no report\n${stdout}\n${stderr}`)
  const failed = report.testResults.filter(({ status }) => status === 'failed')
  return { code, failed: failed.map(({ name }) => name.split('/').at(-1) ?? name) }
}

function testOf({ report }: Run, title: string): string | undefined {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults)
  return tests?.find((each) => each.title === title)?.status
}
