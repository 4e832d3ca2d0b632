/** `glovebox diagnose` with real runners: what is planted is found, what is stable is not blamed, and nothing is left behind. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { startCli } from '../cli/cli.js'
import { leftoversLater, markedProcesses, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { createProject, diagnose, diagnosisOf, repeat, runFile, vitestFile } from './support.js'

describe('Vitest 4.1, ordinary user', () => {
  requires('user', 'vitest4.1')

  test('a file that fails on other machines is said to depend on the host name', async () => {
    await using project = await createProject({
      vitest: '4.1',
      as: 'user',
      files: {
        'a.test.js': vitestFile(`import os from 'node:os'`, `expect(os.hostname()).not.toMatch(/^ci-/)`),
      },
    })
    const args = ['a.test.js', '-t', '^first', '--only', 'hostname,umask', '--html', 'page.html']
    const found = await diagnosisOf(project, args)
    expect(found).toMatchObject({
      status: 1,
      conclusion: 'depends',
      cause: 'hostname',
      findings: [{ arm: 'hostname=other', nature: 'breaks' }],
      suspects: [{ line: 4 }],
      repro: "npx glovebox run --under hostname=other --times 20 --runner vitest a.test.js -t '^first'",
      failure: { test: 'first', line: 4 },
      baseline: { failed: 0 },
    })
    expect(found.arms).toContainEqual(expect.objectContaining({ id: 'umask=077', failed: 0 }))
    expect(await project.read('page.html')).toContain('<canvas id="chart-2"')

    const again = await repeat(project, found.repro)
    expect(again.stdout).toContain('Failed in run 1 on a machine called ci-runner-7f3a: first: expected')
    expect(again.stdout).toContain('1 failed')
    expect(again.status).toBe(1)
  })
})

describe('Vitest 5.1 on Node.js 24, root', () => {
  requires('root', 'vitest5.1', 'node24')

  test('what an earlier run left is found, with the project’s own options as the baseline; no trial writes to it', async () => {
    await using project = await createProject({
      vitest: '5.1',
      files: {
        'vitest.config.js': `
import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox({ hostname: 'ours' })] }`,
        'a.test.js': vitestFile(
          `import fs from 'node:fs'\nimport os from 'node:os'`,
          `expect(os.hostname()).toBe('ours'); fs.mkdirSync('/tmp/work'); fs.writeFileSync('made-here', '')`,
        ),
      },
    })
    const args = ['a.test.js', '--only', 'leftovers', '-t', 'first']
    const found = await diagnosisOf(project, args, { node: 24 })
    expect(found).toMatchObject({ status: 1, cause: 'leftovers', findings: [{ nature: 'breaks' }] })
    expect(readdirSync(project.dir)).not.toContain('made-here')
  })

  test('a seed decides what Math.random and node:crypto give', async () => {
    await using project = await createProject({
      vitest: '5.1',
      files: {
        'a.test.js': vitestFile(
          `import { randomInt, randomUUID } from 'node:crypto'`,
          "throw new Error('drew ' + [Math.random(), randomInt(1000000), randomUUID()].join('/'))",
        ),
      },
    })
    const under = async (seed: number) => {
      const args = ['a.test.js', '--under', `random=seed:${seed}`]
      const { stdout } = await runFile(project, args, { node: 24 })
      return /Failed in run 1 .*: drew (\S+)/.exec(stdout)?.[1]
    }
    const [first, second, other] = [await under(1), await under(1), await under(2)]
    expect(first).toMatch(/^0\.\d+\/\d+\/[\da-f]{8}-[\da-f]{4}-4/)
    expect(second).toBe(first)
    expect(other?.split('/').map((part, index) => part === first?.split('/')[index])).toEqual([
      false,
      false,
      false,
    ])
  })

  test('an interrupt gives the answer that is known by then, and leaves nothing', async () => {
    await using project = await createProject({
      vitest: '5.1',
      files: { 'a.test.js': vitestFile('', 'await new Promise((resolve) => setTimeout(resolve, 100))') },
    })
    const before = snapshot()
    const run = startCli(['diagnose', 'a.test.js', '--only', 'cpu'], { cwd: project.dir, node: 24 })
    // The command, and a trial's process.
    await waitFor('a trial', () => markedProcesses(run.marker).length >= 2)
    run.child.kill('SIGINT')
    const { status, stdout } = await run.done
    expect(stdout).toMatch(/^a\.test\.js.*no answer yet\./)
    expect(status).toBe(130)
    expect(await leftoversLater(before, run.marker)).toEqual([])
  })
})

describe('Jest', () => {
  requires('root', 'jest29.7', 'jest30')

  test('29.7: the date is moved in the test’s own realm', async () => {
    await using project = await createProject({
      jest: '29.7',
      files: { 'a.test.js': `test('first', () => { expect(new Date().toISOString()).toBe('now') })` },
    })
    const { stdout, status } = await runFile(project, ['a.test.js', '--under', 'date=leap-day'], {
      env: { TZ: 'UTC' },
    })
    expect(stdout).toContain('Received: "2028-02-29T12:')
    expect(stdout).toMatch(/^Failed in run 1 on 29 February: first: /m)
    expect(status).toBe(1)
  })

  test('30: a file that reads local time is said to depend on the time zone', async () => {
    await using project = await createProject({
      jest: '30',
      files: {
        'a.test.js': `test('first', () => { expect(new Date('2026-03-10T12:00:00Z').getDate()).toBe(10) })`,
      },
    })
    const found = await diagnosisOf(project, ['a.test.js', '--only', 'time-zone'], { env: { TZ: 'UTC' } })
    expect(found).toMatchObject({
      conclusion: 'depends',
      cause: 'time-zone',
      findings: [{ arm: 'tz=Pacific/Kiritimati' }],
    })
    expect(found.arms).toContainEqual(expect.objectContaining({ id: 'tz=America/St_Johns', failed: 0 }))

    const again = await repeat(project, found.repro, { TZ: 'UTC' })
    expect(again.stdout).toMatch(/^Failed in run 1 at UTC\+14: first: /m)
    expect(again.status).toBe(1)
  })
})

describe('what is typed', () => {
  requires('root', 'vitest4.1')

  test.each([
    [['missing.test.js'], 'missing.test.js: there is no such file'],
    [['../other.test.js'], 'there is no such file'],
    [['a.test.js', '--budget', 'soon'], '--budget soon: a duration is needed'],
    [['a.test.js', '--jobs', '0'], '--jobs 0: a whole number from 1 to 256 is needed'],
    [['a.test.js', '--runner', 'mocha'], "option '--runner <name>' argument 'mocha' is invalid"],
    [['a.test.js', '--runner', 'jest'], 'jest is not installed in'],
    [['a.test.js', '-t', 'third'], 'no test that ran matches third'],
    [['a.test.js', '--only', 'weather'], 'there is no such dimension for this file\n  Choose from cpu,'],
  ])('%j is refused with the reason', async (args, reason) => {
    await using project = await createProject({ vitest: '4.1', files: { 'a.test.js': vitestFile('', '') } })
    const { stderr, status } = await diagnose(project, args)
    expect(stderr).toContain(reason)
    expect(status).toBe(2)
  })
})

describe('glovebox run with a test file', () => {
  requires('root', 'vitest4.1')

  test('runs it once, or so often until it fails, prints what the runner printed, and ends with its status; quarantine excuses nothing', async () => {
    await using project = await createProject({
      vitest: '4.1',
      files: {
        'vitest.config.js': `
import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox({ filesystem: { writable: ['runs'] } })] }`,
        'runs/.keep': '',
        // Excuses no trial.
        'glovebox.quarantine.json': JSON.stringify({
          version: 1,
          entries: [{ file: 'a.test.js', owner: 'ada', reason: 'issue 12', expires: '2999-12-31' }],
        }),
        // Fails in its fifth run; before each command's runs comes a look at what it does.
        'a.test.js': vitestFile(
          `import fs from 'node:fs'`,
          `fs.writeFileSync('runs/' + Math.random(), ''); expect(fs.readdirSync('runs').length).toBeLessThan(6)`,
        ),
      },
    })
    const once = await runFile(project, ['a.test.js'])
    expect(once.stdout).toMatch(/2 passed/)
    expect(once.stdout).toMatch(/^Passed 1 of 1 times without a change\.$/m)
    expect(once.status).toBe(0)

    const failed = await runFile(project, ['--times', '9', '-t', 'first', 'a.test.js'])
    expect(failed.stdout).toMatch(/1 failed/)
    expect(failed.stdout).toMatch(/^Failed in run 2 without a change: first: expected/m)
    expect(failed.status).toBe(1)
  })

  test.each([
    [['missing.test.js', '--under', 'umask=077'], 'missing.test.js cannot be executed: ENOENT', 127],
    [['--under', 'umask=077', 'missing.test.js'], 'missing.test.js: there is no such file', 125],
    [['a.test.js', '--times', 'x'], '--times x: a whole number from 1 to 100000 is needed', 125],
    [['--memory', '1G', 'a.test.js'], '--memory: it is for commands, and a.test.js is a test file', 125],
    [['a.test.js', '-t', 'third'], 'a.test.js cannot be run: no test that ran matches third', 125],
    [
      ['a.test.js', '--under', 'tz=Mars'],
      'there is no such change for this file\n  Choose one of baseline,',
      125,
    ],
  ])('%j is refused with the reason', async (args, reason, expected) => {
    await using project = await createProject({ vitest: '4.1', files: { 'a.test.js': vitestFile('', '') } })
    const { stderr, status } = await runFile(project, args)
    expect(stderr).toContain(reason)
    expect(status).toBe(expected)
  })
})
