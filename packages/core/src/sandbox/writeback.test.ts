import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs'
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Change } from './changes.js'
import { persistMatcher } from './persist.js'
import { type Overlays, WriteBack } from './writeback.js'

let directory: string
let project: string
let upper: string
let writeBack: WriteBack

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  project = join(directory, 'project')
  upper = join(directory, 'upper')
  await mkdir(project)
  await mkdir(upper)
  await mkdir(join(directory, 'run'))
  writeBack = new WriteBack(join(directory, 'run'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Stands for an overlay of the project whose upper layer is a plain directory. */
function overlays(...changes: (Partial<Change> & { path: string })[]): Overlays {
  return {
    changes: async () =>
      changes.map((change) => ({
        change: 'created',
        target: project,
        kind: 'file',
        size: 1,
        mode: 0o644,
        ...change,
      })),
    export: async (_, paths, to) => {
      for (const [index, path] of paths.entries()) {
        await cp(join(upper, path), join(to, String(index)), { verbatimSymlinks: true })
      }
    },
  }
}

const snapshots = (): ReturnType<typeof persistMatcher> => persistMatcher([`${project}/**/*.snap`])

test('persisted files are created and replaced with their mode, others only listed', async () => {
  await writeFile(join(project, 'old.snap'), 'old')
  await writeFile(join(upper, 'old.snap'), 'new')
  await mkdir(join(upper, 'deep/er'), { recursive: true })
  await writeFile(join(upper, 'deep/er/new.snap'), 'deep')
  await chmod(join(upper, 'deep/er/new.snap'), 0o640)
  const writes = await writeBack.apply(
    overlays(
      { path: 'old.snap', change: 'modified' },
      { path: 'deep', kind: 'directory' },
      { path: 'deep/er', kind: 'directory' },
      { path: 'deep/er/new.snap' },
      { path: 'scratch.txt', size: 5 },
      { path: 'fifo.snap', kind: 'other' },
    ),
    'a.test.ts',
    snapshots(),
  )
  expect(writes).toEqual({
    persisted: [join(project, 'old.snap'), join(project, 'deep/er/new.snap')],
    discarded: [
      { path: join(project, 'scratch.txt'), change: 'created', size: 5 },
      { path: join(project, 'fifo.snap'), change: 'created', size: 1 },
    ],
  })
  expect(readFileSync(join(project, 'old.snap'), 'utf8')).toBe('new')
  expect(statSync(join(project, 'deep/er/new.snap')).mode & 0o777).toBe(0o640)
  expect(readdirSync(project).sort()).toEqual(['deep', 'old.snap'])
  expect(readdirSync(join(directory, 'run'))).toEqual([])
})

test('hundreds of files are exported in batches', async () => {
  const paths = Array.from({ length: 450 }, (_, index) => `${index}.snap`)
  for (const path of paths) await writeFile(join(upper, path), path)
  const writes = await writeBack.apply(overlays(...paths.map((path) => ({ path }))), 'a.test.ts', snapshots())
  expect(writes.persisted).toHaveLength(450)
  for (const path of paths) expect(readFileSync(join(project, path), 'utf8')).toBe(path)
})

test('a path that the runner names is persisted as well', async () => {
  await writeFile(join(upper, 'out.html'), 'x')
  const persists = persistMatcher([], [join(project, 'out.html')])
  const writes = await writeBack.apply(overlays({ path: 'out.html' }), 'a.test.ts', persists)
  expect(writes.persisted).toEqual([join(project, 'out.html')])
})

test('deleted files go if they may, and directories with what in them may go', async () => {
  await mkdir(join(project, 'dir/sub'), { recursive: true })
  for (const path of ['gone.snap', 'kept.txt', 'dir/sub/a.snap', 'dir/b.txt'])
    await writeFile(join(project, path), '')
  await mkdir(join(project, 'snaps'))
  await writeFile(join(project, 'snaps/c.snap'), '')
  const writes = await writeBack.apply(
    overlays(
      { path: 'gone.snap', change: 'deleted' },
      { path: 'kept.txt', change: 'deleted' },
      { path: 'dir', change: 'deleted' },
      { path: 'snaps', change: 'deleted' },
      { path: 'never-was-here.snap', change: 'deleted' },
    ),
    'a.test.ts',
    snapshots(),
  )
  expect(writes.persisted.sort()).toEqual(
    ['dir/sub/a.snap', 'gone.snap', 'snaps/c.snap'].map((path) => join(project, path)),
  )
  expect(writes.discarded.map((write) => write.path).sort()).toEqual(
    ['dir/b.txt', 'kept.txt'].map((path) => join(project, path)),
  )
  expect(readdirSync(project, { recursive: true }).sort()).toEqual(['dir', 'dir/b.txt', 'kept.txt'])
})

test('a symlink is copied as a symlink, and replaces one without following it', async () => {
  await writeFile(join(directory, 'outside'), 'untouched')
  await symlink(join(directory, 'outside'), join(project, 'link.snap'))
  await symlink(join(directory, 'outside'), join(project, 'file.snap'))
  await symlink('somewhere/else', join(upper, 'link.snap'))
  await writeFile(join(upper, 'file.snap'), 'new')
  await writeBack.apply(
    overlays({ path: 'link.snap', kind: 'symlink' }, { path: 'file.snap', change: 'modified' }),
    'a.test.ts',
    snapshots(),
  )
  expect(readlinkSync(join(project, 'link.snap'))).toBe('somewhere/else')
  expect(lstatSync(join(project, 'file.snap')).isFile()).toBe(true)
  expect(readFileSync(join(directory, 'outside'), 'utf8')).toBe('untouched')
})

test.each([
  ['written', { path: 'away/x.snap' }],
  ['deleted', { path: 'away/y.snap', change: 'deleted' as const }],
])('no file is %s behind a symlink that leads out of the project', async (_, change) => {
  await mkdir(join(directory, 'elsewhere'))
  await writeFile(join(directory, 'elsewhere/y.snap'), '')
  await symlink(join(directory, 'elsewhere'), join(project, 'away'))
  await mkdir(join(upper, 'away'))
  await writeFile(join(upper, 'away/x.snap'), 'x')
  await expect(writeBack.apply(overlays(change), 'a.test.ts', snapshots())).rejects.toMatchObject({
    stage: 'write-back',
    path: join(project, change.path),
  })
  expect(readdirSync(join(directory, 'elsewhere'))).toEqual(['y.snap'])
})

test('two files that keep different content in one path are both named', async () => {
  await writeFile(join(upper, 'shared.snap'), 'one')
  await writeBack.apply(overlays({ path: 'shared.snap' }), 'a.test.ts', snapshots())
  await writeFile(join(upper, 'shared.snap'), 'two')
  await expect(writeBack.apply(overlays({ path: 'shared.snap' }), 'b.test.ts', snapshots())).rejects.toThrow(
    /a\.test\.ts and b\.test\.ts .*shared\.snap/,
  )
  expect(readFileSync(join(project, 'shared.snap'), 'utf8')).toBe('one')
})

test('the same content, the same file again, and the next run are no conflict', async () => {
  const apply = (file: string): Promise<unknown> =>
    writeBack.apply(overlays({ path: 'shared.snap' }), file, snapshots())
  await writeFile(join(upper, 'shared.snap'), 'one')
  await apply('a.test.ts')
  await apply('b.test.ts')
  await writeFile(join(upper, 'shared.snap'), 'two')
  await apply('b.test.ts')
  writeBack.beginRun()
  await writeFile(join(upper, 'shared.snap'), 'three')
  await apply('c.test.ts')
  expect(readFileSync(join(project, 'shared.snap'), 'utf8')).toBe('three')
})

test('what cannot be written is told by path, and leaves nothing half-done', async () => {
  await mkdir(join(project, 'x.snap/full'), { recursive: true })
  await writeFile(join(upper, 'x.snap'), '')
  const written = writeBack.apply(overlays({ path: 'x.snap' }), 'a.test.ts', snapshots())
  await expect(written).rejects.toMatchObject({
    stage: 'write-back',
    message: expect.stringMatching(/a\.test\.ts/),
  })
  expect(readdirSync(project)).toEqual(['x.snap'])
  expect(readdirSync(join(directory, 'run'))).toEqual([])
})

test('the writes of a file that was not done are only listed', async () => {
  await writeFile(join(upper, 'x.snap'), '')
  const writes = await writeBack.list(overlays({ path: 'x.snap' }, { path: 'y.snap', change: 'deleted' }))
  expect(writes.persisted).toEqual([])
  expect(writes.discarded.map((write) => write.change)).toEqual(['created', 'deleted'])
  expect(existsSync(join(project, 'x.snap'))).toBe(false)
})
