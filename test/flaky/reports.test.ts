/**
 * What CI services get of flaky files, quarantine and limits, from both runners: their own reports, JUnit, CTRF, GitHub's annotations and
 * summary, and the history, which `glovebox history` reads and merges.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cli } from '../cli/cli.js'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { runJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { runVitest } from '../harness/run-vitest.js'
import { expectCtrf, expectGithub, expectJunit } from './expect-reports.js'
import { sandboxedJest, sandboxedVitest } from './sandboxed.js'

/** Sandboxes share nothing but a directory, in which a file counts its runs. */
const files = {
  'shared/.keep': '',
  'coin.test.js': `describe('cart', () => {
    it('adds <&"\\u0007', () => {
      const { appendFileSync, readFileSync } = process.getBuiltinModule('fs')
      appendFileSync('shared/coin', '.')
      if (readFileSync('shared/coin', 'utf8').length === 1) throw new Error('first, 100%\\nsecond line')
    })
    it('is fine', () => {})
  })`,
  'known.test.js': `it('is known', () => { throw new Error('known trouble') })`,
  'hog.test.js': `it('is greedy', () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1)) })`,
  'glovebox.quarantine.json': JSON.stringify({
    version: 1,
    entries: [
      { file: 'known.test.js', test: 'is known', owner: 'ada', reason: 'issue 12', expires: '2999-12-31' },
      { file: 'coin.test.js', owner: 'bob', reason: 'old', expires: '2020-01-01' },
    ],
  }),
}
const options = `{
  flaky: { retries: 1, policy: 'warn', history: 'out/history.db' },
  limits: { memory: '150MiB' },
  filesystem: { writable: ['shared'] },
  report: { json: 'out/glovebox.json', junit: 'out/junit.xml', ctrf: 'out/ctrf.json' },
}`

const environment = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SHA: 'c0ffee',
  GITHUB_REF_NAME: 'main',
}

interface Runner {
  name: string
  create(): Promise<Fixture>
  run(project: Fixture, env: Record<string, string | undefined>): Promise<Run>
  /** Runs one file, with this on the command line and in the environment. */
  coin(project: Fixture, args: string[], env?: Record<string, string>): Promise<Run>
  /** How the command line asks for four runs. */
  flag: string[]
}

const runners: [Runner, Parameters<typeof requires>][] = [
  [
    {
      name: 'Vitest 5.1',
      create: () => sandboxedVitest({ vitest: '5.1' }, files, options),
      run: (project, env) =>
        runVitest({
          node: 24,
          vitest: '5.1',
          as: project.as,
          cwd: project.dir,
          args: ['run', '--reporter=junit', '--outputFile.junit=out/vitest.xml'],
          env,
        }),
      coin: (project, args, env = {}) =>
        runVitest({
          node: 24,
          vitest: '5.1',
          as: project.as,
          cwd: project.dir,
          args: ['run', 'coin', ...args],
          env,
        }),
      // What follows `--` is no option of Vitest.
      flag: ['--', '--glovebox.stress', '4'],
    },
    ['root', 'vitest5.1', 'node24'],
  ],
  [
    {
      name: 'Jest 30',
      create: () => sandboxedJest({ jest: '30' }, files, options),
      run: (project, env) => runJest({ node: 24, jest: '30', as: project.as, cwd: project.dir, env }),
      coin: (project, args, env = {}) =>
        runJest({ node: 24, jest: '30', as: project.as, cwd: project.dir, args: ['coin', ...args], env }),
      flag: ['--glovebox.stress', '4'],
    },
    ['root', 'jest30', 'node24'],
  ],
]

describe.each(runners)('$name', ({ name, create, run, coin, flag }, features) => {
  requires(...features)

  test('what is flaky, in quarantine or over a limit is told apart in every report', async () => {
    await using project = await create()
    const summary = project.path('summary.md')
    const ran = await run(project, {
      ...environment,
      GITHUB_WORKSPACE: project.dir,
      GITHUB_STEP_SUMMARY: summary,
    })
    expect(ran.code, ran.stdout + ran.stderr).toBe(1)
    expect(ran.stderr).toContain(' Files: 0 passed, 1 flaky, 1 in quarantine, 1 failed.')

    expectGithub(ran.stdout + ran.stderr, readFileSync(summary, 'utf8'))
    await expectJunit(await project.read('out/junit.xml'))
    expectCtrf(await project.read('out/ctrf.json'), name)
    await expectHistory(project)
    await expectOwnReports(project, ran, name)
  })

  test('under stress a file is run so often, and fails if it failed once', async () => {
    await using project = await create()
    const ran = await coin(project, flag)
    expect(ran.code, ran.stdout + ran.stderr).toBe(1)
    expect(ran.stdout + ran.stderr).toContain(
      'Stress: the file failed in 1 of 4 runs, 25 % (95 % interval: 4.6 % to',
    )
    expect(ran.stderr).toMatch(/cart > adds \S+ failed in 1 of 4 runs/)
    expect(ran.stderr).toContain('1 other test never failed')
    expect(await project.read('shared/coin')).toBe('....')
    const { tests } = JSON.parse((await history(project, 'list', '--all', '--json')).stdout) as Tests
    expect(tests.map(({ passed, failed }) => [passed, failed])).toEqual([
      [3, 1],
      [4, 0],
    ])

    // It passes from now on.
    const again = await coin(project, [], { GLOVEBOX_STRESS: '2' })
    expect(again.code, again.stdout + again.stderr).toBe(0)
    const once = await coin(project, [flag.slice(0, -2), `${flag.at(-2)}=1`].flat(), { GLOVEBOX_STRESS: '2' })
    expect(once.code, once.stdout + once.stderr).toBe(0)
    expect(await project.read('shared/coin')).toBe('.......')
  })
})

describe('Vitest', () => {
  requires('vitest4.1', 'vitest5.1', 'node24')

  test.each(['4.1', '5.1'] as const)('%s itself refuses the flag unless it follows `--`', async (version) => {
    await using project = await sandboxedVitest({ vitest: version }, files, options)
    const args = ['run', 'coin', '--glovebox.stress', '4']
    const ran = await runVitest({ node: 24, vitest: version, as: project.as, cwd: project.dir, args })
    expect(ran.stderr).toContain('Unknown option `--glovebox`')
    expect(ran.code).toBe(1)
  })
})

interface Tests {
  tests: { file: string; test: string; passed: number; failed: number; rate: number; streak: number }[]
}

const history = (project: Fixture, ...args: string[]) =>
  cli(['history', ...args, ...(args[0] === 'list' ? ['--db', 'out/history.db'] : [])], {
    as: project.as,
    cwd: project.dir,
  })

async function expectHistory(project: Fixture): Promise<void> {
  const { tests } = JSON.parse((await history(project, 'list', '--all', '--json')).stdout) as Tests
  expect(tests.map(({ file, passed, failed, rate }) => [file, passed, failed, rate])).toEqual([
    ['coin.test.js', 1, 1, 0.5],
    ['coin.test.js', 1, 0, 0],
    ['hog.test.js', 0, expect.any(Number), 0],
    ['known.test.js', 0, 2, 0],
  ])
  const listed = await history(project, 'list')
  expect(listed).toMatchObject({ status: 0, stderr: '' })
  expect(listed.stdout).toMatch(/coin\.test\.js › cart > adds .* 50 % .* 1 of 2 /)
  expect(listed.stdout).not.toContain('known')
  const merged = await history(project, 'merge', 'all.db', 'out/history.db')
  expect(merged).toMatchObject({ status: 0, stdout: '1 run added; all.db has 1.\n' })
  const again = await history(project, 'merge', 'all.db', 'out/history.db')
  expect(again.stdout).toBe('0 runs added; all.db has 1.\n')
}

/** The runner's own say that a test was retried, and that another is in quarantine. */
async function expectOwnReports(project: Fixture, { report }: Run, runner: string): Promise<void> {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) as unknown as Own[]
  const find = (title: RegExp) => tests.find((each) => title.test(each.title))
  if (runner.startsWith('Jest')) {
    expect(find(/^adds/)).toMatchObject({ status: 'passed', invocations: 2 })
    expect(find(/^adds/)?.retryReasons?.[0]).toContain('first, 100%')
    expect(find(/is fine/)).toMatchObject({ invocations: 1 })
    return
  }
  expect(find(/^adds/)?.meta?.gloveboxRemark).toMatchObject({ type: 'flaky' })
  expect(find(/is fine/)?.meta?.gloveboxRemark).toBeUndefined()
  expect(find(/is known/)?.meta?.gloveboxRemark).toMatchObject({ type: 'quarantined' })
  const xml = await project.read('out/vitest.xml')
  expect(xml).toMatch(/<property name="flaky" value="failed in 1 of 2 runs/)
  expect(xml).toMatch(/<property name="quarantined" value="failed, but is in quarantine/)
}

interface Own {
  title: string
  status: string
  invocations?: number
  retryReasons?: string[]
  meta?: { gloveboxRemark?: { type: string } }
}
