/** Projects that pnpm and Yarn (Plug'n'Play) have really installed: what works with Jest's own workers works in sandboxes. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { install, node, type Packed, pack, runEnvironment } from '../filesystem/installed.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { moduleOf, type Run, startRunner } from '../harness/run-runner.js'
import type { Role } from '../harness/users.js'
import { type PackageManager, scriptOf } from '../setup/layouts.mjs'
import { config } from './support.js'

const files = {
  'jest.config.js': config(
    `{ cacheDirectory: '<rootDir>/.cache', collectCoverage: true, coverageReporters: ['json-summary'], collectCoverageFrom: ['sum.js', 'draw.js'] }`,
    `{ report: { json: 'glovebox.json' } }`,
  ),
  'draw.js': 'exports.draw = () => Math.random()\n',
  'sum.js': `
const { draw } = require('./draw')
exports.sum = ({ a, b }) => {
  if (a === 99) throw new Error('told')
  return a + b + draw()
}
`,
  'sum.test.js': `
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const { sum } = require('./sum')
jest.mock('./draw', () => ({ draw: () => 100 }))
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

const each: { manager: PackageManager; as: Role }[] = [
  { manager: 'pnpm', as: 'user' },
  { manager: 'yarn', as: 'root' },
]

let packed: Packed
beforeAll(async () => {
  packed = await pack('jest')
})
afterAll(() => packed[Symbol.asyncDispose]())

describe.each(each)('$manager', ({ manager, as }) => {
  requires(as, 'node24', 'layouts')

  test('runs as with Jest’s own workers, in sandboxes', async () => {
    await using project = await createFixture({ as })
    const home = `${project.dir}-home`
    try {
      await project.write(files)
      await install(project, home, manager, packed)
      const run = (plain: string | undefined) =>
        startRunner({
          name: 'Jest',
          as,
          cwd: project.dir,
          env: { ...runEnvironment(home, manager), PLAIN: plain },
          command: (report) => [...jestOf(manager), '--json', `--outputFile=${report}`],
          limit: undefined,
        }).done
      const boxed = outcomeOf(await run(undefined), project.dir)
      const snapshot = await project.read('__snapshots__/sum.test.js.snap')
      const coverage = await project.read('coverage/coverage-summary.json')
      expect(boxed.map(([status]) => status)).toEqual(['passed', 'passed', 'failed'])
      expect(boxed[2]?.[1]).toContain(`${project.dir}/sum.js:4:`)
      // That it ran in a sandbox: the stray file is gone, the report says so.
      const { writes } = JSON.parse(await project.read('glovebox.json')).files[0]
      expect(writes.persisted).toContain(project.path('__snapshots__/sum.test.js.snap'))
      expect(writes.discarded).toEqual([{ path: project.path('stray.txt'), change: 'created', size: 0 }])

      rmSync(project.path('__snapshots__'), { recursive: true })
      rmSync(project.path('coverage'), { recursive: true })
      expect(outcomeOf(await run('1'), project.dir)).toEqual(boxed)
      expect(await project.read('__snapshots__/sum.test.js.snap')).toBe(snapshot)
      expect(await project.read('coverage/coverage-summary.json')).toBe(coverage)
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })
})

function jestOf(manager: PackageManager): string[] {
  return manager === 'pnpm' ? [node, 'node_modules/jest/bin/jest.js'] : [node, scriptOf(manager), 'jest']
}

/** Each test's state, and the top of its stack: below it each way of running has frames of its own. */
function outcomeOf(run: Run, dir: string): (string | undefined)[][] {
  return moduleOf(run, 'sum.test.js').assertionResults.map(({ status, failureMessages }) => [
    status,
    failureMessages?.[0]
      ?.split('\n')
      .filter((line, index) => index === 0 || line.includes(`${dir}/sum`))
      .join('\n'),
  ])
}
