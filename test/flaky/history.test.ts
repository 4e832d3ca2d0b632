/** The database of the history: on every Node.js, with many writers at once, and after a writer that was killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { cli } from '../cli/cli.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { runVitest } from '../harness/run-vitest.js'
import { type NodeMajor, nodeBinary, repository } from '../setup/matrix.mjs'

const majors: readonly NodeMajor[] = [20, 22, 24, 26]
requires('root', 'node20', 'node22', 'node24', 'node26', 'vitest5.1')

const dist = (file: string) => join(repository, 'packages/core/dist/flaky', file)
const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

test('four processes, one on each Node.js, write to one history at once, and none loses a run', async () => {
  await using project = await createFixture()
  const ends = await Promise.all(
    majors.map((major) =>
      ended(
        startWriter(
          major,
          project.dir,
          `
    for (let count = 0; count < 15; count++) addRun(path, run(${major} + '-' + count), [outcome])
  `,
        ),
      ),
    ),
  )
  expect(ends).toEqual(majors.map(() => ({ code: 0, stderr: '' })))
  const { stdout } = await cli(['history', '--all', '--json'], { as: 'root', cwd: project.dir })
  expect(JSON.parse(stdout).tests).toMatchObject([{ file: 'a.test.js', passed: 60, failed: 60, rate: 0.5 }])
})

test('a writer that is killed in the middle leaves all earlier runs, and nothing half done', async () => {
  await using project = await createFixture()
  const writer = startWriter(
    24,
    project.dir,
    `
    addRun(path, run('whole'), [outcome])
    withHistory(path, { create: true }, (database) => {
      database.exec("insert into runs values (null, 'half', '2026', 'x', null, null, null)")
      process.stdout.write('writing')
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
    })`,
  )
  const { stdout: output } = writer
  if (output) await once(output, 'data')
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  const after = await ended(startWriter(20, project.dir, `addRun(path, run('next'), [outcome])`))
  expect(after).toEqual({ code: 0, stderr: '' })
  const merged = await cli(['history', 'merge', 'all.db', 'glovebox.history.db'], {
    as: 'root',
    cwd: project.dir,
  })
  expect(merged.stdout).toBe('2 runs added; all.db has 2.\n')
})

test('SQLite is loaded when a history is written, and not before', async () => {
  await using project = await createFixture()
  const loaded = `readFileSync('/proc/self/maps', 'utf8').includes('libsql')`
  const writer = startWriter(
    24,
    project.dir,
    `
    const { readFileSync } = await import('node:fs')
    await import(${JSON.stringify(join(repository, 'packages/core/dist/adapter.js'))})
    const before = ${loaded}
    addRun(path, run('one'), [outcome])
    process.stdout.write(JSON.stringify([before, ${loaded}]))`,
  )
  let said = ''
  writer.stdout?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  expect(await ended(writer)).toEqual({ code: 0, stderr: '' })
  expect(said).toBe('[false,true]')
})

test('entries in quarantine that have passed often enough are told, and taken off on request', async () => {
  const entry = { owner: 'ada', reason: 'issue 12', expires: '2999-12-31' }
  const entries = [
    { file: 'a.test.js', test: 'adds', ...entry },
    { file: 'a.test.js', test: 'removes', ...entry },
  ]
  await using project = await createFixture({
    files: { 'a.test.js': '', 'glovebox.quarantine.json': JSON.stringify({ version: 1, entries }) },
  })
  const quarantine = (...args: string[]) => cli(['quarantine', ...args], { as: 'root', cwd: project.dir })
  expect(await quarantine('prune', '--stable')).toMatchObject({ status: 2, stdout: '' })
  await ended(
    startWriter(
      24,
      project.dir,
      `addRun(path, run('one'), [
        { ...outcome, passed: 30, failed: 0 },
        { ...outcome, test: 'removes', passed: 29, failed: 0 },
      ])`,
    ),
  )
  const listed = await quarantine('list')
  expect(listed.stdout).toContain(
    'a.test.js › adds passed 30 times in a row: it fails in less than 9.5 % of its runs, with 95 % confidence.',
  )
  expect(listed.stdout).not.toContain('removes passed')
  expect((await quarantine('prune')).stdout).toBe('Nothing to take off.\n')
  expect((await quarantine('prune', '--stable')).stdout).toBe(
    'a.test.js › adds is no longer in quarantine.\n',
  )
  const rest = await quarantine('prune', '--stable', '--after', '20')
  expect(rest.stdout).toBe('a.test.js › removes is no longer in quarantine.\n')
})

test('a damaged history costs a run nothing but a line', async () => {
  await using project = await createFixture({
    vitest: '5.1',
    files: {
      'h.db': 'no database, '.repeat(400),
      'a.test.js': `it('is fine', () => {})`,
      'vitest.config.js': `import { glovebox } from '@glovebox/vitest-plugin'
export default { plugins: [glovebox({ flaky: { history: 'h.db' } })], test: { globals: true } }`,
    },
  })
  const { code, stderr } = await runVitest({ node: 24, vitest: '5.1', as: 'root', cwd: project.dir })
  expect(stderr).toMatch(/ Glovebox: the run is not in the history: .*h\.db: is damaged/)
  expect(code).toBe(0)
  expect(await project.read('h.db')).toMatch(/^no database, /)
})

test('a history that cannot be read is named, with what helps', async () => {
  await using project = await createFixture({ files: { 'notes.txt': 'no database, '.repeat(400) } })
  const run = (...args: string[]) => cli(['history', ...args], { as: 'root', cwd: project.dir })
  expect(await run()).toMatchObject({ status: 2, stdout: '' })
  expect((await run('list', '--db', 'notes.txt')).stderr).toMatch(
    /notes\.txt: is damaged, or no database .*\n {2}Move it away/,
  )
  const merge = await run('merge', 'out.db', 'notes.txt')
  expect(merge).toMatchObject({ status: 2, stdout: '' })
  await mkdir(project.path('sub'))
  await writeFile(project.path('sub/empty.db'), '')
  expect((await run('merge', 'out.db', 'sub/empty.db')).stderr).toContain('empty.db: is empty, no history')
  expect((await run('list', '--since', 'soon')).stderr).toContain('--since soon: a day such as 2026-12-31')
  expect((await run('prune', '--before', '7')).stderr).toContain('--before 7: a day such as 2026-12-31')
  expect((await run('list', '--min-rate', 'often')).stderr).toContain('--min-rate often: a share')
})

function startWriter(major: NodeMajor, cwd: string, body: string): ChildProcess {
  const script = `
    import { addRun } from ${JSON.stringify(dist('history.js'))}
    import { withHistory } from ${JSON.stringify(dist('history-database.js'))}
    const path = 'glovebox.history.db'
    const run = (id) => ({ id, started: new Date().toISOString(), runner: 'vitest 5.1.1', commit: 'one' })
    const outcome = { project: '', file: 'a.test.js', test: 'adds', passed: 1, failed: 1, quarantined: false }
    ${body}`
  const child = spawn(nodeBinary(major), ['--input-type=module', '-e', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  return child
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stderr }
}
