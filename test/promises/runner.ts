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

export function forJest(): Record<string, string> {
  const directory = join(repository, 'test/promises/jest')
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )
}

export interface StartOptions {
  cwd: string
  env?: Record<string, string | undefined>
  /** A command that runs the one appended to it. */
  wrapper?: readonly string[]
  /** Names of files that are left out. */
  exclude?: readonly string[]
  /** Milliseconds; a hang limit. */
  limit?: number
}

/** Starts the files of a project. */
export function startTests(cell: AnyCell, { exclude = [], ...options }: StartOptions): StartedRun {
  if ('jest' in cell) {
    const args = exclude.map((name) => `--testPathIgnorePatterns=/${name}$`)
    return startJest({ ...cell, ...options, args })
  }
  return startVitest({ ...cell, ...options, args: ['run', ...exclude.map((name) => `--exclude=${name}`)] })
}

/** What the first test of a file said of itself, see `jest/vitest.cjs`. */
export function metaOf(run: Run, file: string): Record<string, unknown> {
  const { meta } = moduleOf(run, file).assertionResults[0] ?? {}
  const printed = [...run.stdout.matchAll(/^META (.*)$/gm)]
    .map(([, text = '']) => JSON.parse(text) as [file: string, key: string, value: unknown])
    .filter(([name]) => name === file)
  return { ...meta, ...Object.fromEntries(printed.map(([, key, value]) => [key, value])) }
}
