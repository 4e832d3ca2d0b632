/** Promise 6: one line in the config, and everything else as before, test for test. Single features: test/vitest, test/jest. */
import { existsSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import type { Run } from '../harness/run-runner.js'
import { type AnyCell, cells, describeCells, jestCells } from './cells.js'
import { createProject, metaOf, startTests } from './runner.js'

interface Result {
  run: Run
  /** Of each module: its state, and of each test its state and errors. */
  outcomes: Record<string, unknown>
  snapshot: string | undefined
  inline: string
}

describeCells<AnyCell>([...cells, ...jestCells], (cell, available) => {
  let plain: Result
  let sandboxed: Result
  beforeAll(async () => {
    if (!available) return
    plain = await runProject(cell, { PLAIN: '1' })
    sandboxed = await runProject(cell, {})
  })

  test('every module and test ends as under the plain runner, with the same errors', () => {
    expect(Object.keys(plain.outcomes).sort()).toEqual([
      'broken.test.js',
      'concurrent.test.js',
      'hooks.test.js',
      'mixed.test.js',
      'snapshot.test.js',
    ])
    expect(sandboxed.outcomes).toEqual(plain.outcomes)
    expect(sandboxed.run.code).toBe(plain.run.code)
  })

  test('the same snapshots are written', () => {
    expect(sandboxed.snapshot).toBe(plain.snapshot)
    expect(sandboxed.snapshot).toContain('writes a snapshot')
    expect(sandboxed.inline).toBe(plain.inline)
    expect(sandboxed.inline).toContain('toMatchInlineSnapshot(`"inline"`)')
  })

  test('the same is printed', () => {
    const ofRunner =
      'jest' in cell
        ? ['console.error\n', 'at log (mixed.test.js', '2 snapshots written']
        : ['stdout | mixed.test.js > logs', 'Snapshots  2 written']
    for (const text of ['on stdout', 'on stderr', ...ofRunner]) {
      expect(printedBy(plain.run), text).toContain(text)
      expect(printedBy(sandboxed.run), text).toContain(text)
    }
  })
})

async function runProject(cell: AnyCell, env: Record<string, string>): Promise<Result> {
  await using project = await createProject(cell, 'dropin')
  const run = await startTests(cell, { cwd: project.dir, env }).done
  const snapshotFile = '__snapshots__/snapshot.test.js.snap'
  return {
    run,
    outcomes: outcomesOf(run, project.dir),
    snapshot: existsSync(project.path(snapshotFile)) ? await project.read(snapshotFile) : undefined,
    inline: await project.read('snapshot.test.js'),
  }
}

function outcomesOf(run: Run, dir: string): Record<string, unknown> {
  const modules = run.report?.testResults ?? []
  return Object.fromEntries(
    modules.map(({ name, status, message, assertionResults }) => [
      name.slice(dir.length + 1),
      {
        status,
        message: withoutPaths(message, dir),
        tests: assertionResults.map(({ fullName, status, failureMessages }) => ({
          fullName,
          status,
          errors: (failureMessages ?? []).map((text) => withoutPaths(String(text), dir)),
          before: metaOf(run, name.slice(dir.length + 1), fullName).before,
        })),
      },
    ]),
  )
}

/** Stack traces name the project's temporary directory, and frames inside the runner's own pool. */
function withoutPaths(text: string, dir: string): string {
  return text
    .replaceAll(dir, '')
    .split('\n')
    .filter((line) => !/^\s+at .*(node_modules|node:internal)/.test(line))
    .join('\n')
}

function printedBy({ stdout, stderr }: Run): string {
  return `${stdout}\n${stderr}`.replace(/ {2,}/g, '  ')
}
