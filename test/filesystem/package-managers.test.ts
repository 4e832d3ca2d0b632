/** Projects that pnpm and Yarn have really installed, our own packages from their tarballs: what works under Vitest's own pool works in sandboxes. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { type ModuleResult, moduleOf, type Run, startRunner } from '../harness/run-runner.js'
import type { Role } from '../harness/users.js'
import { type PackageManager, scriptOf } from '../setup/layouts.mjs'
import { config } from '../vitest/support.js'
import { call, install, node, type Packed, pack, runEnvironment } from './installed.js'

const files = {
  'vitest.config.ts': config(
    `{
      cache: false,
      coverage: { provider: 'v8', reporter: ['json-summary'], reportOnFailure: true, include: ['sum.ts', 'draw.ts'] },
    }`,
    `{ report: { json: 'glovebox.json' } }`,
  ),
  'draw.ts': 'export const draw = (): number => Math.random()\n',
  'sum.ts': `
export interface Pair { a: number; b: number }
import { draw } from './draw'
export function sum({ a, b }: Pair): number {
  if (a === 99) throw new Error('told')
  return a + b + draw()
}
`,
  'sum.test.ts': `
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { expect, test, vi } from 'vitest'
import { sum } from './sum'
interface Erased { so: string; that: string; lines: string; shift: string }
vi.mock('./draw', () => ({ draw: () => 100 }))
test('mocks and takes snapshots', () => {
  expect({ sum: sum({ a: 1, b: 1 }) }).toMatchSnapshot()
  fs.writeFileSync('stray.txt', '')
})
test('starts the Node.js that PATH names', () => {
  expect(execFileSync('node', ['-p', 'process.version'], { encoding: 'utf8' }).trim()).toBe(process.version)
})
test('fails with a stack of its own', () => { sum({ a: 99, b: 0 }) })
`,
}

interface Layout {
  title: string
  as: Role
  manager: PackageManager
  settings?: string
  /** Where modules come from. */
  from: (project: Project) => string
}

interface Project {
  dir: string
  home: string
}

const virtualStore = 'enableGlobalVirtualStore: true\n'
const each: Layout[] = [
  { title: 'pnpm', as: 'root', manager: 'pnpm', from: ({ dir }) => `${dir}/node_modules/.pnpm/` },
  {
    title: 'pnpm, virtual store in the home directory',
    as: 'user',
    manager: 'pnpm',
    settings: virtualStore,
    from: ({ home }) => `${home}/.local/share/pnpm/store/v10/links/`,
  },
  {
    title: 'pnpm, hoisted',
    as: 'user',
    manager: 'pnpm',
    settings: 'nodeLinker: hoisted\n',
    from: ({ dir }) => `${dir}/node_modules/`,
  },
  {
    title: 'Yarn, Plug’n’Play with a cache in the home directory',
    as: 'user',
    manager: 'yarn',
    from: ({ home }) => `${home}/.yarn/berry/cache/`,
  },
]

let packed: Packed
beforeAll(async () => {
  packed = await pack('vitest')
})
afterAll(() => packed[Symbol.asyncDispose]())

describe.each(each)('$title', ({ as, manager, settings = '', from }) => {
  requires(as, 'node24', 'layouts')

  test('runs as under Vitest’s own pool, in sandboxes', async () => {
    await using project = await createFixture({ as })
    const home = `${project.dir}-home`
    try {
      await project.write(files)
      await install(project, home, manager, packed, settings)
      const run = (plain: string | undefined) =>
        startRunner({
          name: 'Vitest',
          as,
          cwd: project.dir,
          env: { ...runEnvironment(home, manager), PLAIN: plain },
          command: (report) => [...vitestOf(manager), ...reporting(report)],
          limit: undefined,
        }).done
      const boxed = outcomeOf(await run(undefined), project)
      const snapshot = await project.read('__snapshots__/sum.test.ts.snap')
      const coverage = await project.read('coverage/coverage-summary.json')
      expect(boxed.map(([status]) => status)).toEqual(['passed', 'passed', 'failed'])
      expect(boxed[2]?.[1]).toContain(`${project.dir}/sum.ts:5:`)
      // That it ran in a sandbox: the stray file is gone, the report says so.
      const { writes } = JSON.parse(await project.read('glovebox.json')).files[0]
      expect(writes.persisted).toContain(project.path('__snapshots__/sum.test.ts.snap'))
      expect(writes.discarded).toEqual([{ path: project.path('stray.txt'), change: 'created', size: 0 }])

      rmSync(project.path('__snapshots__'), { recursive: true })
      rmSync(project.path('coverage'), { recursive: true })
      expect(outcomeOf(await run('1'), project)).toEqual(boxed)
      expect(await project.read('__snapshots__/sum.test.ts.snap')).toBe(snapshot)
      expect(await project.read('coverage/coverage-summary.json')).toBe(coverage)
      expect(await whereVitestIs(project, home, manager)).toContain(from({ dir: project.dir, home }))
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})

function vitestOf(manager: PackageManager): string[] {
  return manager === 'pnpm'
    ? [node, 'node_modules/vitest/vitest.mjs', 'run', '--coverage']
    : [node, scriptOf(manager), 'vitest', 'run', '--coverage']
}

function reporting(report: string): string[] {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
}

/** The real path of the package. */
async function whereVitestIs(project: Fixture, home: string, manager: PackageManager): Promise<string> {
  const script = `console.log(require('fs').realpathSync(require.resolve('vitest/package.json')))`
  if (manager === 'pnpm') return call(project, home, ['-e', script])
  return call(project, home, [
    '--require',
    './.pnp.cjs',
    '-e',
    `console.log(require('pnpapi').resolveVirtual(require.resolve('vitest/package.json')))`,
  ])
}

function outcomeOf(run: Run, project: Fixture): (string | undefined)[][] {
  const { assertionResults }: ModuleResult = moduleOf(run, 'sum.test.ts')
  return assertionResults.map(({ status, failureMessages }) => [
    status,
    // The top of the stack; below it each pool has frames of its own.
    failureMessages?.[0]
      ?.split('\n')
      .filter((line, index) => index === 0 || line.includes(`${project.dir}/sum`))
      .join('\n'),
  ])
}
