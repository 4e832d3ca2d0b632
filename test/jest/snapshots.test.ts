/** Snapshots of every kind end up in the project as they do without Glovebox, and nothing else does. */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { type Cell, config, createProject, eachCell, printed, run } from './support.js'

const files = {
  'jest.config.js': config(`{
    projects: [
      { displayName: 'usual', rootDir: 'usual' },
      { displayName: 'elsewhere', rootDir: 'other', snapshotResolver: '../snapshot-resolver.js' },
    ],
  }`),
  'snapshot-resolver.js': `
module.exports = {
  resolveSnapshotPath: (path, extension) => path.replace('/other/', '/kept/') + extension,
  resolveTestPath: (path, extension) => path.slice(0, -extension.length).replace('/kept/', '/other/'),
  testPathForConsistencyCheck: '/x/other/a.test.js',
}`,
  'usual/file.test.js': `test('file', () => expect({ value: process.env.VALUE }).toMatchSnapshot())
if (process.env.VALUE === 'first') test('obsolete later', () => expect(1).toMatchSnapshot())`,
  'usual/inline.test.js': `test('inline', () => { expect({ value: process.env.VALUE }).toMatchInlineSnapshot() })`,
  'usual/gone.test.js': `if (process.env.VALUE === 'first') test('gone', () => expect(1).toMatchSnapshot())\ntest('stays', () => {})`,
  'other/file.test.js': `test('file', () => expect(process.env.VALUE).toMatchSnapshot())`,
  'usual/stray.test.js': `test('writes a file', () => require('fs').writeFileSync(__dirname + '/stray.txt', 'stray'))`,
}

type Tree = Record<string, string>

eachCell((cell, available) => {
  let plain: Tree[]
  let sandboxed: Tree[]
  let output: string
  beforeAll(async () => {
    if (!available) return
    ;({ trees: plain } = await stages(cell, { PLAIN: '1' }))
    ;({ trees: sandboxed, output } = await stages(cell, { GLOVEBOX_REPORT: 'full' }))
  })

  test.each(['written', 'updated'])('%s: the same files with the same content', (stage) => {
    const index = stage === 'written' ? 0 : 1
    const expected = Object.fromEntries(
      Object.entries(plain[index] ?? {}).filter(([path]) => !path.includes('stray.txt')),
    )
    expect(Object.keys(expected)).toContain('kept/file.test.js.snap')
    expect(expected['usual/inline.test.js']).toContain(index === 0 ? 'first' : 'second')
    expect(sandboxed[index]).toEqual(expected)
  })

  test('what is not a snapshot is thrown away, and reported', () => {
    expect(plain[0]).toHaveProperty('usual/stray.txt')
    expect(output).toMatch(/stray\.test\.js wrote .*stray\.txt .*: discarded/)
  })
})

async function stages(cell: Cell, env: Record<string, string>): Promise<{ trees: Tree[]; output: string }> {
  await using project = await createProject(cell, files)
  const trees: Tree[] = []
  let output = ''
  for (const [value, args] of [
    ['first', []],
    ['second', ['--updateSnapshot']],
  ] as const) {
    const result = await run(cell, project, [...args], { env: { ...env, VALUE: value } })
    expect(result.code, printed(result).slice(-3000)).toBe(0)
    output += printed(result)
    trees.push(await tree(project))
  }
  return { trees, output }
}

async function tree(project: Fixture): Promise<Tree> {
  const entries = await readdir(project.dir, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(project.dir, join(parentPath, name)))
    .filter((path) => !path.includes('node_modules/') && !path.startsWith('.'))
  const contents = await Promise.all(paths.map((path) => readFile(join(project.dir, path), 'utf8')))
  return Object.fromEntries(paths.map((path, index) => [path, contents[index] ?? '']))
}
