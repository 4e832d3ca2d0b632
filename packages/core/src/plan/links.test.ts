import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findLinkedPlaces } from './links.js'

let top: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'links-')))
})
afterEach(() => rmSync(top, { recursive: true }))

function make(...paths: string[]): void {
  for (const path of paths) mkdirSync(join(top, path), { recursive: true })
}
function link(path: string, target: string): void {
  mkdirSync(dirname(join(top, path)), { recursive: true })
  symlinkSync(join(top, target), join(top, path))
}
const found = (project: string, root = project) =>
  findLinkedPlaces(join(top, project), join(top, root), '/home/nobody').map((path) =>
    path.slice(top.length + 1),
  )

test('linked packages, scoped ones too, with the workspace that they belong to', () => {
  make('app', 'mono/packages/b', 'lib')
  writeFileSync(join(top, 'mono/package.json'), '{ "workspaces": ["packages/*"] }')
  link('app/node_modules/lib', 'lib')
  link('app/node_modules/@scope/b', 'mono/packages/b')
  expect(found('app').toSorted()).toEqual(['lib', 'mono'])
})

test('links inside the project, dangling ones and real directories are left alone', () => {
  make('app/packages/a', 'app/node_modules/real')
  link('app/node_modules/a', 'app/packages/a')
  link('app/node_modules/gone', 'nowhere')
  expect(found('app')).toEqual([])
})

test('links of the package that runs, and of the project above it', () => {
  make('app/packages/a', 'one', 'two')
  link('app/packages/a/node_modules/one', 'one')
  link('app/node_modules/two', 'two')
  expect(found('app', 'app/packages/a').toSorted()).toEqual(['one', 'two'])
})

test('a node_modules that is a symlink, and one above the project', () => {
  make('cache/modules', 'node_modules/x', 'app')
  link('app/node_modules', 'cache/modules')
  expect(found('app').toSorted()).toEqual(['cache/modules', 'node_modules'])
})

test('the repository of a Git worktree', () => {
  make('main/.git/worktrees/app', 'app')
  writeFileSync(join(top, 'app/.git'), `gitdir: ${top}/main/.git/worktrees/app\n`)
  expect(found('app')).toEqual(['main/.git'])
})
