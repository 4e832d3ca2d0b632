import { expect, test } from 'vitest'
import { findWorkspaceRoot } from './workspace.js'

const workspaces = '{ "workspaces": ["packages/*"] }'

test.each<[title: string, root: string, files: Record<string, string>, expected: string]>([
  ['nothing above', '/src/app', {}, '/src/app'],
  [
    'an npm workspace',
    '/src/packages/a',
    { '/src/package.json': workspaces, '/src/packages/a/package.json': '{}' },
    '/src',
  ],
  ['a pnpm workspace', '/src/packages/a', { '/src/pnpm-workspace.yaml': '' }, '/src'],
  ['a lerna repository', '/src/packages/a', { '/src/lerna.json': '' }, '/src'],
  ['a repository', '/src/web', { '/src/.git': '', '/package.json': workspaces }, '/src'],
  ['a worktree', '/src/web', { '/src/.git': 'gitdir: /main/.git/worktrees/src' }, '/src'],
  [
    'the root is the workspace',
    '/src',
    { '/src/package.json': workspaces, '/pnpm-workspace.yaml': '' },
    '/src',
  ],
  [
    'the nearest of two',
    '/a/b/c',
    { '/a/package.json': workspaces, '/a/b/package.json': workspaces },
    '/a/b',
  ],
  [
    'a package.json that is no JSON',
    '/src/app',
    { '/src/app/package.json': '{', '/src/package.json': workspaces },
    '/src',
  ],
  ['a package.json of null', '/src/app', { '/src/app/package.json': 'null' }, '/src/app'],
  ['dotfiles kept in Git', '/home/me/code/app', { '/home/me/.git': '' }, '/home/me/code/app'],
  ['a project that is the home directory', '/home/me', { '/home/me/.git': '' }, '/home/me'],
  [
    'a workspace above the home directory',
    '/home/me/app',
    { '/home/package.json': workspaces },
    '/home/me/app',
  ],
])('%s', (_, root, files, expected) => {
  expect(findWorkspaceRoot(root, '/home/me', (path) => files[path])).toBe(expected)
})
