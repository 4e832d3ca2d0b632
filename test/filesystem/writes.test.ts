/** What files write to the project: discarded and reported, refused, or kept, as `filesystem` says. */
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { moduleOf, type Run } from '../harness/run-vitest.js'
import { config, createProject, eachCell, run } from '../vitest/support.js'

const writing = (body: string) => `
import { expect, test } from 'vitest'
import fs from 'node:fs'
test('writes', () => {
  const thrownBy = (act) => { try { act() } catch (error) { return error.code } }
  ${body}
})
`

const files = {
  'vitest.config.ts': config(
    '{}',
    `{
      report: { table: 'full', json: 'glovebox.json' },
      overrides: [
        { files: 'src/strict*.test.ts', filesystem: { strictWrites: 'fail' } },
        { files: 'src/readonly.test.ts', filesystem: { project: 'readonly' } },
        { files: 'src/rival*.test.ts', filesystem: { persist: ['shared.txt', 'same.txt'] } },
        { files: 'src/direct.test.ts', filesystem: { project: 'direct' } },
      ],
    }`,
  ),
  'kept.txt': 'kept',
  'gone.txt': 'gone',
  'folder/one.txt': 'one',
  'direct/one.txt': 'one',
  'src/lossy.test.ts': writing(`
    fs.writeFileSync('data.db', Buffer.alloc(12 * 1024))
    fs.writeFileSync('kept.txt', 'changed')
    fs.rmSync('gone.txt')
    expect(fs.readFileSync('kept.txt', 'utf8')).toBe('changed')
    expect(fs.existsSync('gone.txt')).toBe(false)
  `),
  'src/strict.test.ts': writing(`fs.writeFileSync('src/left.txt', 'left')`),
  'src/strict-snapshot.test.ts': writing(`
    expect('kept').toMatchSnapshot()
    fs.mkdtempSync('/tmp/own-')
  `),
  'src/pragma.test.ts': `/** @glovebox-strict-writes fail */\n${writing(`fs.rmSync('kept.txt')`)}`,
  'src/readonly.test.ts': writing(`
    expect(thrownBy(() => fs.writeFileSync('refused.txt', ''))).toBe('EROFS')
    expect(thrownBy(() => fs.unlinkSync('kept.txt'))).toBe('EROFS')
    fs.writeFileSync('/tmp/allowed.txt', '')
  `),
  'src/direct.test.ts': writing(`
    fs.writeFileSync('direct.txt', 'from inside')
    fs.renameSync('direct', 'renamed')
  `),
  'src/rename.test.ts': writing(`
    fs.cpSync('folder', 'copied', { recursive: true })
    fs.renameSync('copied', 'moved')
    expect(fs.readFileSync('moved/one.txt', 'utf8')).toBe('one')
    // What is in the project already cannot be renamed: overlayfs would need privileges for it (docs/filesystem.md).
    expect(thrownBy(() => fs.renameSync('vendor', 'elsewhere'))).toBe('EXDEV')
  `),
  'src/renaming.test.ts': writing(`fs.renameSync('vendor', 'elsewhere')`),
  'vendor/lib.js': '',
  'src/rival-one.test.ts': writing(`
    fs.writeFileSync('shared.txt', 'one')
    fs.writeFileSync('same.txt', 'same')
  `),
  'src/rival-two.test.ts': writing(`
    fs.writeFileSync('shared.txt', 'two')
    fs.writeFileSync('same.txt', 'same')
  `),
  'src/full.test.ts': `/** @glovebox-disk 16MiB */\n${writing(`
    const fill = () => { for (let i = 0; i < 40; i++) fs.appendFileSync('big.bin', Buffer.alloc(1 << 20)) }
    expect(thrownBy(fill)).toBe('ENOSPC')
    fs.rmSync('big.bin')
  `)}`,
  'src/overfull.test.ts': `/** @glovebox-disk 16MiB */\n${writing(`
    for (let i = 0; i < 40; i++) fs.appendFileSync('big.bin', Buffer.alloc(1 << 20))
  `)}`,
}

interface Entry {
  file: string
  verdict: { kind: string; writes?: unknown[] }
  writes: { persisted: string[]; discarded: { path: string; change: string; size: number }[] }
}

eachCell((cell, available) => {
  let project: Fixture
  let result: Run
  let entries: Entry[] = []
  const entry = (file: string): Entry | undefined => entries.find((each) => each.file === `src/${file}`)

  beforeAll(async () => {
    if (!available) return
    project = await createProject(cell, files)
    result = await run(cell, project)
    entries = (JSON.parse(await project.read('glovebox.json')) as { files: Entry[] }).files
  })
  afterAll(() => project?.remove())

  test('succeed inside, leave the project as it was, and are reported by path, kind and size', () => {
    expect(moduleOf(result, 'lossy.test.ts').status).toBe('passed')
    expect(readFileSync(project.path('kept.txt'), 'utf8')).toBe('kept')
    expect(existsSync(project.path('gone.txt'))).toBe(true)
    expect(existsSync(project.path('data.db'))).toBe(false)
    const discarded = entry('lossy.test.ts')?.writes.discarded.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    expect(discarded).toEqual([
      { path: project.path('data.db'), change: 'created', size: 12_288 },
      { path: project.path('gone.txt'), change: 'deleted', size: 4 },
      { path: project.path('kept.txt'), change: 'modified', size: 7 },
    ])
    const line = result.stderr.split('\n').find((each) => each.startsWith(' src/lossy.test.ts '))
    expect(line).toMatch(/data\.db \(12 KiB\).*: discarded$/)
    expect(line).toContain('deleted gone.txt')
  })

  test('fail the file with strictWrites, by option and by pragma, though its tests passed', () => {
    expect(moduleOf(result, 'strict.test.ts')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Unexpected writes: the file wrote .*src\/left\.txt \(4 B\)/),
    })
    expect(entry('strict.test.ts')?.verdict).toMatchObject({ kind: 'unexpected-writes' })
    expect(moduleOf(result, 'pragma.test.ts')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Unexpected writes: the file deleted .*kept\.txt/),
    })
  })

  test('do not fail a strict file where they are copied back, or private', () => {
    expect(moduleOf(result, 'strict-snapshot.test.ts').status).toBe('passed')
    expect(existsSync(project.path('src/__snapshots__/strict-snapshot.test.ts.snap'))).toBe(true)
    expect(entry('strict-snapshot.test.ts')?.writes.discarded).toEqual([])
  })

  test('fail with EROFS in a readonly project', () => {
    expect(moduleOf(result, 'readonly.test.ts')).toMatchObject({ status: 'passed', message: '' })
    expect(existsSync(project.path('refused.txt'))).toBe(false)
  })

  test('reach the host from a direct project', () => {
    expect(moduleOf(result, 'direct.test.ts')).toMatchObject({ status: 'passed', message: '' })
    expect(readFileSync(project.path('direct.txt'), 'utf8')).toBe('from inside')
    expect(existsSync(project.path('renamed/one.txt'))).toBe(true)
    expect(entry('direct.test.ts')?.writes).toEqual({ persisted: [], discarded: [] })
  })

  test('get ENOSPC where the disk is full, which fails a file only if it does not expect it', () => {
    expect(moduleOf(result, 'full.test.ts')).toMatchObject({ status: 'passed', message: '' })
    expect(entry('full.test.ts')?.verdict).toEqual({ kind: 'passed-through' })
    expect(moduleOf(result, 'overfull.test.ts')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/^Disk limit: .*16MiB/),
      assertionResults: [{ failureMessages: [expect.stringContaining('ENOSPC')] }],
    })
  })

  test('are an error that names both, where two files keep different content in one path', () => {
    const rivals = ['rival-one.test.ts', 'rival-two.test.ts']
    const failed = rivals.filter((file) => moduleOf(result, file).status === 'failed')
    expect(failed).toHaveLength(1)
    const { message } = moduleOf(result, failed[0] ?? '')
    for (const path of ['shared.txt', ...rivals.map((file) => `src/${file}`)])
      expect(message).toContain(project.path(path))
    const first = failed[0] === 'rival-one.test.ts' ? 'two' : 'one'
    expect(readFileSync(project.path('shared.txt'), 'utf8')).toBe(first)
    expect(readFileSync(project.path('same.txt'), 'utf8')).toBe('same')
  })

  test('rename directories that the file made; those that were there before cannot be', () => {
    expect(moduleOf(result, 'rename.test.ts')).toMatchObject({ status: 'passed', message: '' })
    expect(moduleOf(result, 'renaming.test.ts')).toMatchObject({
      status: 'failed',
      assertionResults: [{ failureMessages: [expect.stringContaining('EXDEV')] }],
    })
    expect(result.stderr).toMatch(/^ src\/renaming\.test\.ts failed of EXDEV: .*@glovebox-project direct/m)
    expect(result.stderr).not.toMatch(/^ src\/rename\.test\.ts failed of/m)
  })
})
