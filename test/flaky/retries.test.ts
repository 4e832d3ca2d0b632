/** `flaky: { retries }`: a file that fails is run again in a fresh sandbox; if it passes then it is flaky, and that is never hidden. */
import { describe, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { runJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { runVitest } from '../harness/run-vitest.js'
import type { Role } from '../harness/users.js'
import { sandboxedJest, sandboxedVitest } from './sandboxed.js'

/** Sandboxes share nothing but this directory, in which a file counts its runs. */
const counting = (name: string) => `
  const { appendFileSync, readFileSync } = process.getBuiltinModule('fs')
  appendFileSync('shared/${name}', '.')
  const run = readFileSync('shared/${name}', 'utf8').length`
const files = {
  'shared/.keep': '',
  'steady.test.js': `it('is fine', () => {${counting('steady')}\n expect(run).toBe(1) })`,
  'second.test.js': `it('works the second time', () => {${counting('second')}\n expect(run).toBe(2) })`,
  'broken.test.js': `it('never works', () => {${counting('broken')}\n expect(run).toBe(0) })`,
  'crash.test.js': `it('crashes once', () => {${counting('crash')}\n if (run === 1) process.kill(process.pid, 'SIGKILL') })`,
}
const options = (policy: string) =>
  `{ flaky: { retries: 2, policy: '${policy}' }, filesystem: { writable: ['shared'] }, report: { json: 'glovebox.json' } }`

interface Runner {
  title: string
  as: Role
  create(policy: string): Promise<Fixture>
  run(project: Fixture, args: string[]): Promise<Run>
}

const runners: [Runner, Parameters<typeof requires>][] = [
  ...(['4.1', '5.1'] as const).map((vitest): [Runner, Parameters<typeof requires>] => [
    {
      title: `Vitest ${vitest}`,
      as: vitest === '4.1' ? 'user' : 'root',
      create: (policy) =>
        sandboxedVitest(
          { vitest, as: vitest === '4.1' ? 'user' : 'root' },
          {
            ...files,
            'uncaught.test.js': `it('rejects once', async () => {${counting('uncaught')}
              if (run === 1) { Promise.reject(new Error('nobody cares')); await new Promise((done) => setTimeout(done, 50)) } })`,
          },
          options(policy),
        ),
      run: (project, args) =>
        runVitest({
          node: vitest === '4.1' ? 20 : 24,
          vitest,
          as: project.as,
          cwd: project.dir,
          args: ['run', ...args],
        }),
    },
    [vitest === '4.1' ? 'user' : 'root', `vitest${vitest}`, vitest === '4.1' ? 'node20' : 'node24'],
  ]),
  ...(['29.7', '30'] as const).map((jest): [Runner, Parameters<typeof requires>] => [
    {
      title: `Jest ${jest}`,
      as: 'root',
      create: (policy) => sandboxedJest({ jest }, files, options(policy)),
      run: (project, args) => runJest({ node: 24, jest, as: project.as, cwd: project.dir, args }),
    },
    ['root', `jest${jest}`, 'node24'],
  ]),
]

describe.each(runners)('$title', (runner, features) => {
  requires(...features)
  const flakyFiles = runner.title.startsWith('Vitest') ? ['crash', 'second', 'uncaught'] : ['crash', 'second']

  test('with policy warn flaky files pass, and are told apart from those that passed at once', async () => {
    await using project = await runner.create('warn')
    const run = await runner.run(project, ['steady', ...flakyFiles])
    expect(states(run)).toEqual(Object.fromEntries([...flakyFiles, 'steady'].map((name) => [name, 'passed'])))
    expect(run.code).toBe(0)
    expect(run.stderr).toContain(
      'second.test.js is flaky: it failed in 1 of 2 runs, each in a fresh sandbox (works',
    )
    expect(run.stderr).not.toContain('steady.test.js is flaky')
    const { files } = JSON.parse(await project.read('glovebox.json')) as { files: Reported[] }
    const flaky = files.filter((each) => each.flaky !== undefined)
    expect(flaky.map(({ file }) => file)).toEqual(flakyFiles.map((name) => `${name}.test.js`))
    expect(flaky.every((each) => each.flaky?.runs === 2)).toBe(true)
    expect(await project.read('shared/steady')).toBe('.')
    expect(toldByRunner(run)).toEqual(flakyFiles)
  })

  test('with policy fail they fail and say why; what always fails is not called flaky', async () => {
    await using project = await runner.create('fail')
    const run = await runner.run(project, ['steady', 'second', 'broken'])
    expect(states(run)).toEqual({ broken: 'failed', second: 'failed', steady: 'passed' })
    expect(run.code).toBe(1)
    const all = run.stdout + run.stderr
    expect(all).toContain(
      'Flaky: the file failed in 1 of 2 runs, each in a fresh sandbox (works the second time: ',
    )
    expect(all).not.toContain('broken.test.js is flaky')
    expect(await project.read('shared/broken')).toBe('...')
  })
})

interface Reported {
  file: string
  flaky?: { runs: number; failures: { test: string; message: string }[] }
}

/** Files of whose tests the runner's own JSON says that they did not pass at once: Vitest's remark, Jest's count of invocations. */
function toldByRunner({ report }: Run): string[] {
  const told = report?.testResults.filter(({ assertionResults }) =>
    assertionResults.some((each) => {
      const { meta, invocations = 1 } = each as typeof each & { invocations?: number }
      return meta?.gloveboxRemark !== undefined || invocations > 1
    }),
  )
  return told?.map(({ name }) => name.split('/').at(-1)?.replace('.test.js', '') ?? name).sort() ?? []
}

function states({ report, stdout, stderr }: Run): Record<string, string> {
  if (report === undefined) throw new Error(`no report\n${stdout}\n${stderr}`)
  const entries = report.testResults.map(({ name, status }) => [
    name.split('/').at(-1)?.replace('.test.js', '') ?? name,
    status,
  ])
  return Object.fromEntries(entries.sort())
}
