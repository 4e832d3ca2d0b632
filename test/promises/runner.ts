/** What the promises need of a runner: the same projects, started by Vitest or by Jest. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { startJest } from '../harness/run-jest.js'
import { moduleOf, type Run, type StartedRun } from '../harness/run-runner.js'
import { startVitest } from '../harness/run-vitest.js'
import { repository } from '../setup/matrix.mjs'
import type { AnyCell } from './cells.js'

/** The project of that name below `projects`, and what Jest needs to run it. */
export function createProject(
  cell: AnyCell,
  name: string,
  files: Record<string, string> = {},
): Promise<Fixture> {
  const from = `test/promises/projects/${name}`
  return createFixture({ ...cell, from, files: { ...('jest' in cell && forJest()), ...files } })
}

function forJest(): Record<string, string> {
  const directory = join(repository, 'test/promises/jest')
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )
}

/** A project with one test that passes, and options of Glovebox as text. */
export function calmProject(cell: AnyCell, options = '{}'): Promise<Fixture> {
  return createFixture({
    ...cell,
    files: {
      'settings.js': `export const options = ${options}\n`,
      'vitest.config.js': `import glovebox from '@glovebox/vitest-plugin'\nimport { options } from './settings.js'\nexport default { plugins: [glovebox(options)] }\n`,
      ...forJest(),
      'calm.test.js': `import { test } from 'vitest'\ntest('passes', () => {})\n`,
    },
  })
}

export interface StartOptions {
  cwd: string
  env?: Record<string, string | undefined>
  /** A command that runs the one appended to it. */
  wrapper?: readonly string[]
  /** Names of files that are left out. */
  exclude?: readonly string[]
  /** Of the project: only its files are run. */
  directory?: string
  /** Milliseconds; a hang limit. */
  limit?: number
}

/** Starts the files of a project, which may write new snapshots. */
export function startTests(cell: AnyCell, { exclude = [], directory, ...options }: StartOptions): StartedRun {
  if ('jest' in cell) {
    const args = exclude.map((name) => `--testPathIgnorePatterns=/${name}$`)
    const only = directory === undefined ? [] : [`/${directory}/`]
    return startJest({ ...cell, ...options, args: ['--ci=false', ...only, ...args] })
  }
  const args = exclude.map((name) => `--exclude=${name}`)
  const only = directory === undefined ? [] : ['--dir', directory]
  return startVitest({ ...cell, ...options, args: ['run', '--update=new', ...only, ...args] })
}

/** What a test of a file said of itself, see `jest/vitest.cjs`; `test`: its full name, by default all of them, or Vitest's first. */
export function metaOf(run: Run, file: string, test?: string): Record<string, unknown> {
  const { assertionResults } = moduleOf(run, file)
  const { meta } = assertionResults.find(({ fullName }) => test === undefined || fullName === test) ?? {}
  const printed = [...run.stdout.matchAll(/^META (.*)$/gm)]
    .map(([, text = '']) => JSON.parse(text) as [file: string, test: string, key: string, value: unknown])
    .filter(([name, title]) => name === file && (test === undefined || title === test))
  return { ...meta, ...Object.fromEntries(printed.map(([, , key, value]) => [key, value])) }
}
