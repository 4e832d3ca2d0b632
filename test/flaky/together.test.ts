/** What fails only together with other files is told apart from what fails alone, too: by a run with retries, and by `glovebox run --under with=FILES`. */
import { describe, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { runJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import { runVitest } from '../harness/run-vitest.js'
import { sandboxedJest, sandboxedVitest } from './sandboxed.js'
import { runFile } from './support.js'

/** Waits for a file in the directory that sandboxes share. */
const tools = `
const fs = process.getBuiltinModule('fs')
const has = (name) => fs.existsSync('shared/' + name)
const put = (name) => fs.writeFileSync('shared/' + name, '')
const until = async (condition, limit = 60_000) => {
  for (const end = Date.now() + limit; !condition() && Date.now() < end; ) await new Promise((done) => setTimeout(done, 10))
}
`
const files = {
  'shared/.keep': '',
  // The first time, it waits for the other file. Run again beside it, it would fail again.
  'victim.test.js': `${tools}
it('has the place for itself', async () => {
  if (!has('tried')) { put('tried'); await until(() => has('taken')) }
  put('seen')
  expect(has('taken')).toBe(false)
}, 90_000)`,
  'neighbour.test.js': `${tools}
it('takes the place for a while', async () => {
  put('taken')
  await until(() => has('seen'))
  await new Promise((done) => setTimeout(done, 1_000))
  fs.rmSync('shared/taken')
}, 90_000)`,
  'broken.test.js': `it('never works', () => { expect(1).toBe(2) })`,
  // For one trial after the other: it waits a while, each time.
  'waits.test.js': `${tools}
it('has the place for itself', async () => {
  fs.rmSync('shared/seen', { force: true })
  await until(() => has('taken'), 3_000)
  const taken = has('taken')
  put('seen')
  expect(taken).toBe(false)
}, 90_000)`,
  'takes.test.js': `${tools}
it('takes the place', async () => {
  put('taken')
  await until(() => has('seen'), 6_000)
  fs.rmSync('shared/taken')
}, 90_000)`,
}
const options = `{ flaky: { retries: 1, policy: 'warn' }, filesystem: { writable: ['shared'] }, report: { json: 'glovebox.json' } }`

interface Runner {
  name: 'vitest' | 'jest'
  create(): Promise<Fixture>
  run(project: Fixture, args: string[]): Promise<Run>
}

const vitest: Runner = {
  name: 'vitest',
  create: () => sandboxedVitest({ vitest: '5.1' }, files, options),
  run: (project, args) =>
    runVitest({
      node: 24,
      vitest: '5.1',
      as: project.as,
      cwd: project.dir,
      args: ['run', '--maxWorkers=2', ...args],
    }),
}

const jest: Runner = {
  name: 'jest',
  create: () => sandboxedJest({ jest: '30' }, files, options),
  run: (project, args) =>
    runJest({ node: 24, jest: '30', as: project.as, cwd: project.dir, args: ['--maxWorkers=2', ...args] }),
}

const runners: [Runner, Parameters<typeof requires>][] = [
  [vitest, ['root', 'vitest5.1', 'node24']],
  [jest, ['root', 'jest30', 'node24']],
]

describe.each(runners)('$name', (runner, features) => {
  requires(...features)

  test('a run says of a file that it failed only together with another, since it passed alone', async () => {
    await using project = await runner.create()
    const run = await runner.run(project, ['victim', 'neighbour'])
    expect(run.stderr).toContain('It failed only together with neighbour.test.js; alone it passed.')
    expect(run.code).toBe(0)
    expect(await reported(project)).toMatchObject({
      'victim.test.js': { flaky: { runs: 2, beside: ['neighbour.test.js'] } },
    })
  })

  test('a run says of a file that it fails alone, too', async () => {
    await using project = await runner.create()
    const run = await runner.run(project, ['broken'])
    expect(run.stderr).toMatch(/broken\.test\.js .* fails alone, too/)
    expect(run.code).toBe(1)
    expect(await reported(project)).toMatchObject({ 'broken.test.js': { retried: { runs: 2 } } })
  })

  test('a file is run together with those that a change names', async () => {
    await using project = await runner.create()
    const args = ['waits.test.js', '--runner', runner.name, '--under', 'with=takes.test.js', '--times', '20']
    const { stdout, status } = await runFile(project, args, { node: 24 })
    expect(stdout).toMatch(/^Failed in run \d+ together with takes\.test\.js: has the place for itself: /m)
    expect(status).toBe(1)
  })
})

async function reported(project: Fixture): Promise<Record<string, unknown>> {
  const { files } = JSON.parse(await project.read('glovebox.json')) as { files: { file: string }[] }
  return Object.fromEntries(files.map((each) => [each.file, each]))
}
