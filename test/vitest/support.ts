/** What the tests of single features share: the cells, the two pools to compare, and what a run came to. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { leftovers, type Snapshot } from '../harness/leftovers.js'
import { type Run, type RunOptions, runVitest } from '../harness/run-vitest.js'
import { waitFor } from '../harness/wait-for.js'
import { type Cell, cellsOr, describeCells } from '../promises/cells.js'

export type { Cell }

/** One Vitest as root, the other as an ordinary user; see `cellsOr` for more. */
export const cells: readonly Cell[] = cellsOr([
  { node: 20, vitest: '4.1', as: 'user' },
  { node: 24, vitest: '5.1', as: 'root' },
])

export function eachCell(body: (cell: Cell, available: boolean) => void): void {
  describeCells(cells, body)
}

/** A configuration that uses Glovebox unless PLAIN is set: the runner's own pool is what "as before" means. */
export function config(test = '{}', options = '{}'): string {
  return `
import { defineConfig } from 'vitest/config'
import { glovebox } from '@glovebox/vitest-plugin'
export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox(${options})],
  test: ${test},
})
`
}

export function createProject(cell: Cell, files: Record<string, string>): Promise<Fixture> {
  return createFixture({ ...cell, files: { 'vitest.config.ts': config(), ...files } })
}

type Extra = Partial<Omit<RunOptions, keyof Cell | 'cwd'>>

export function run(cell: Cell, project: Fixture, args: string[] = [], extra: Extra = {}): Promise<Run> {
  return runVitest({ ...cell, cwd: project.dir, args: ['run', ...args], ...extra })
}

/** The same run with the runner's own pool. */
export function runPlain(cell: Cell, project: Fixture, args: string[] = []): Promise<Run> {
  return run(cell, project, args, { env: { PLAIN: '1' } })
}

/** Of each test, by file and name: its state and the first line of each error. */
export function outcomes({ report, stdout, stderr }: Run): Record<string, string> {
  if (report === undefined) throw new Error(`no report\n--- stdout\n${stdout}\n--- stderr\n${stderr}`)
  return Object.fromEntries(
    report.testResults.flatMap(({ name, status, message, assertionResults }) => {
      const file = name.split('/').at(-1) ?? name
      return [
        [file, `${status} ${firstLine(message)}`.trim()],
        ...assertionResults.map(({ fullName, status, failureMessages }) => [
          `${file} > ${fullName}`,
          [status, ...(failureMessages ?? []).map((text) => firstLine(text ?? ''))].join(' '),
        ]),
      ]
    }),
  )
}

/** Every file of a project but its packages, with its content. */
export async function tree(project: Fixture): Promise<Record<string, string>> {
  const entries = await readdir(project.dir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(project.dir, join(parentPath, name)))
    .filter((path) => !path.includes('node_modules/') && !path.startsWith('.'))
    .sort()
  const contents = await Promise.all(paths.map((path) => readFile(join(project.dir, path), 'utf8')))
  return Object.fromEntries(paths.map((path, index) => [path, contents[index] ?? '']))
}

/** All that was printed. */
export function printed({ stdout, stderr }: Run): string {
  return `${stdout}\n${stderr}`
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** Fails with what is still there, long after everything of the run should have gone. */
export async function expectNothingLeft(before: Snapshot, marker: string): Promise<void> {
  await waitFor('what the run left to go', () => leftovers(before, marker).length === 0).catch(() => {})
  expect(leftovers(before, marker)).toEqual([])
}
