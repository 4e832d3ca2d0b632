/** An experiment that is split over machines, by the commands that docs/ci.md names, and joined: the parts give one answer. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { mainPath } from '../cli/cli.js'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { killGroup } from '../harness/run-vitest.js'
import { repository } from '../setup/matrix.mjs'
import { createProject, diagnose, diagnosisOf, vitestFile } from './support.js'

const page = readFileSync(join(repository, 'docs/ci.md'), 'utf8')
const merge = ['merge', 'glovebox-part-1-of-2.json', 'glovebox-part-2-of-2.json']

describe('cells', () => {
  requires('root', 'vitest4.1')

  test('the jobs of a GitHub matrix and the answer job; every trial is a process of its own', async () => {
    const { jobs } = parse(snippet('github')) as { jobs: Record<'cell' | 'answer', Job> }
    expect(jobs.answer.needs).toBe('cell')
    expect(jobs.cell.strategy?.matrix.cell).toEqual([1, 2, 3, 4])
    await using project = await createProject({
      vitest: '4.1',
      files: {
        'a.test.js': vitestFile('', ''),
        // Loaded by each trial's own Vitest.
        'vitest.config.js': `import fs from 'node:fs'
fs.appendFileSync(new URL('pids', import.meta.url), process.pid + ' ')
export default {}`,
      },
    })
    const share = jobs.cell.steps.find(({ run }) => run?.includes('--cell'))
    expect(Object.keys(share?.env ?? {})).toEqual(['FILE', 'CELL'])
    for (const cell of [1, 2]) {
      const env = { FILE: 'a.test.js', CELL: String(cell) }
      const { code, output } = await shell(project, forTwo(share?.run), env)
      expect(output).toContain(`Cell ${cell} of 2 of a.test.js`)
      expect(code).toBe(0)
    }
    const step = jobs.answer.steps.find(({ run }) => run?.includes('merge'))
    const { code, output } = await shell(project, forTwo(step?.run))
    // Six trials of each cell's baseline.
    expect(output).toContain('a.test.js is stable: 0/12 trials failed without a change')
    const trials = Number(/^(\d+) trials of/m.exec(output)?.[1])
    const processes = new Set((await project.read('pids')).trim().split(' '))
    expect(processes.size).toBeGreaterThanOrEqual(trials)
    expect(code).toBe(0)
    expect(await project.read('answer.html')).toContain('Cell 2</dt>')

    const missing = await diagnose(project, merge.slice(0, 2))
    expect(missing.stderr).toContain('the part of cell 2/2 is missing')
    const twice = await diagnose(project, [...merge, 'glovebox-part-2-of-2.json'])
    expect(twice.stderr).toContain('cell 2/2 is there 2 times')
    writeFileSync(join(project.dir, 'glovebox-part-1-of-2.json'), '{"gloveboxPart":1}')
    const torn = await diagnose(project, merge)
    expect(torn.stderr).toContain('glovebox-part-1-of-2.json: cell: ')
    expect(torn.status).toBe(2)
  })

  test('the containers of an Indexed Job of Kubernetes, whose index counts from 0', async () => {
    const { spec } = parse(snippet('kubernetes')) as { spec: IndexedJob }
    expect(spec).toMatchObject({ completionMode: 'Indexed', completions: 4, parallelism: 4 })
    const [container] = spec.template.spec.containers
    expect(container?.command).toEqual(['sh', '-c'])
    await using project = await createFile()
    const said: string[] = []
    for (const index of ['0', '1', '2', '3']) {
      const env = { JOB_COMPLETION_INDEX: index }
      said.push((await shell(project, container?.args[0], env, 'exec echo "$@"')).output.trim())
    }
    expect(said).toEqual(
      [1, 2, 3, 4].map(
        (cell) => `diagnose test/cart.test.ts --cell ${cell}/4 --part /parts/${cell - 1}.json --budget 3m`,
      ),
    )
  })

  test.each([
    [['a.test.js', '--cell', '3/2'], '--cell 3/2: i/n is needed'],
    [['a.test.js', '--part', 'x'], '--part is for one cell'],
    [['a.test.js', '--cell', '1/2', '--html', 'x'], '--html cannot be had together with --cell'],
    [['merge', 'none.json'], 'none.json: ENOENT'],
  ])('%j is refused with the reason', async (args, reason) => {
    await using project = await createFile()
    const { stderr, status } = await diagnose(project, args)
    expect(stderr).toContain(reason)
    expect(status).toBe(2)
  })
})

describe('Slurm', () => {
  requires('root', 'vitest4.1', 'apt:munge', 'apt:slurmctld', 'apt:slurmd', 'apt:slurm-client')

  test('a job array makes the parts, and they give one answer', async () => {
    await using project = await createFile()
    const script = forTwo(snippet('slurm').replace('test/cart.test.ts', 'a.test.js').replace('1-4', '1-2'))
    writeFileSync(join(project.dir, 'job.sh'), script)
    const directory = mkdtempSync(join(tmpdir(), 'gbtest-slurm-'))
    chmodSync(directory, 0o755)
    try {
      const { code, output } = await shell(project, inCluster(directory, 'sbatch --wait job.sh'))
      const log = readdirSync(project.dir)
        .filter((name) => name.startsWith('slurm-'))
        .map((name) => readFileSync(join(project.dir, name), 'utf8'))
        .join('')
      expect({ code, log, output }).toMatchObject({
        code: 0,
        log: expect.stringMatching(/(Cell [12] of 2 [\s\S]*){2}/),
      })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
    expect(await diagnosisOf(project, merge)).toMatchObject({
      status: 1,
      cause: 'hostname',
      findings: [{ arm: 'hostname=other', nature: 'breaks' }],
    })
  })
})

interface Job {
  needs?: string
  strategy?: { matrix: { cell: number[] } }
  steps: { run?: string; env?: Record<string, string> }[]
}

interface IndexedJob {
  template: { spec: { containers: { command: string[]; args: [string] }[] } }
}

/** A file that depends on the host name, in a project of its own. */
function createFile(): Promise<Fixture> {
  const test = vitestFile(`import os from 'node:os'`, 'expect(os.hostname()).not.toMatch(/^ci-/)')
  return createProject({ vitest: '4.1', files: { 'a.test.js': test } })
}

/** A block of docs/ci.md by the comment above it. */
function snippet(name: string): string {
  const [, text] = new RegExp(`<!-- cells: ${name} -->\n\`\`\`\\w+\n([^]*?)\`\`\``).exec(page) ?? []
  if (text === undefined) throw new Error(`docs/ci.md has no block ${name}`)
  return text
}

/** The command with two cells instead of four and one dimension instead of all, which takes less time. */
function forTwo(command = ''): string {
  return command
    .replaceAll('test/cart.test.ts', 'a.test.js')
    .replaceAll('/4"', '/2"')
    .replace(/--budget \w+/, '--runner vitest --only hostname')
}

function inCluster(directory: string, command: string): string {
  const script = join(repository, 'test/flaky/slurm-cluster.sh')
  return `exec unshare --mount --net --uts --ipc --pid --fork --mount-proc --kill-child sh ${script} ${directory} ${command}`
}

/** Runs a command line in the project, with an `npx` whose `glovebox` is this line of shell. */
function shell(
  project: Fixture,
  command = '',
  env: Record<string, string> = {},
  glovebox = `exec ${process.execPath} ${mainPath} "$@"`,
): Promise<{ code: number | null; output: string }> {
  const bin = join(project.dir, '.bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\n${glovebox}\n`)
  chmodSync(join(bin, 'npx'), 0o755)
  const child = spawn('sh', ['-c', command], {
    cwd: project.dir,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: process.env.HOME, NO_COLOR: '1', ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  return new Promise((resolve, reject) => {
    const clock = setTimeout(() => {
      killGroup(child)
      reject(new Error(`hung: ${command}\n${output}`))
    }, 330_000)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(clock)
      resolve({ code, output })
    })
  })
}
