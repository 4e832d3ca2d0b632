/** What the tests of the Jest adapter share: the cells, the two runners to compare, and what a run came to. */
import { describe } from 'vitest'
import { createFixture, type Fixture, type FixtureOptions } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { type JestRunOptions, runJest } from '../harness/run-jest.js'
import type { Run } from '../harness/run-runner.js'
import type { Role } from '../harness/users.js'
import type { JestVersion, NodeMajor } from '../setup/matrix.mjs'

export interface Cell {
  node: NodeMajor
  jest: JestVersion
  as: Role
}

export const cells: readonly Cell[] = [
  { node: 20, jest: '29.7', as: 'user' },
  { node: 24, jest: '30', as: 'root' },
]

/** The other way round, for what is worth it. */
export const otherCells: readonly Cell[] = [
  { node: 24, jest: '29.7', as: 'root' },
  { node: 20, jest: '30', as: 'user' },
]

/** A `describe` for each cell, skipped with the reason where the machine lacks something that it needs. */
export function eachCell(
  body: (cell: Cell, available: boolean) => void,
  which: readonly Cell[] = cells,
): void {
  for (const cell of which) {
    const { node, jest, as } = cell
    describe(`Node.js ${node}, Jest ${jest}, ${as === 'root' ? 'root' : 'ordinary user'}`, () => {
      body(cell, requires(as, `node${node}`, `jest${jest}`))
    })
  }
}

/** A configuration that uses Glovebox unless PLAIN is set: what Jest does itself is what "as before" means. */
export function config(jest = '{}', options = '{}'): string {
  return `
const { withGlovebox } = require('@glovebox/jest-env')
const config = ${jest}
module.exports = process.env.PLAIN ? config : withGlovebox(config, ${options})
`
}

export function createProject(
  cell: Cell,
  files: Record<string, string>,
  more: Pick<FixtureOptions, 'packages'> = {},
): Promise<Fixture> {
  return createFixture({
    ...cell,
    ...more,
    files: {
      'package.json': JSON.stringify({ name: 'fixture', private: true }),
      'babel.config.js': `module.exports = { presets: ['@babel/preset-typescript'], plugins: ['@babel/plugin-transform-modules-commonjs'] }`,
      'jest.config.js': config(),
      ...files,
    },
  })
}

type Extra = Partial<Omit<JestRunOptions, keyof Cell | 'cwd'>>

export function run(cell: Cell, project: Fixture, args: string[] = [], extra: Extra = {}): Promise<Run> {
  return runJest({ ...cell, cwd: project.dir, args, ...extra })
}

/** The same run without Glovebox. */
export function runPlain(cell: Cell, project: Fixture, args: string[] = [], extra: Extra = {}): Promise<Run> {
  return run(cell, project, args, { ...extra, env: { ...extra.env, PLAIN: '1' } })
}

/** Of each file, and of each test by file and name: its state and the first lines of its errors. */
export function outcomes({ report, stdout, stderr }: Run): Record<string, string> {
  if (report === undefined) throw new Error(`no report\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`)
  return Object.fromEntries(
    report.testResults.flatMap(({ name, status, assertionResults }) => {
      const file = name.split('/').at(-1) ?? name
      return [
        [file, status],
        ...assertionResults.map(({ fullName, status, failureMessages }) => [
          `${file} > ${fullName}`,
          [status, ...(failureMessages ?? []).map((message) => message?.split('\n')[0])].join(' '),
        ]),
      ]
    }),
  )
}

/** All that was printed. */
export function printed({ stdout, stderr }: Run): string {
  return `${stdout}\n${stderr}`
}
