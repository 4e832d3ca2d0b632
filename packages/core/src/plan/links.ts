import { type Dirent, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { posix } from 'node:path'
import { ancestors, isWithin } from './paths.js'
import { findWorkspaceRoot } from './workspace.js'

/**
 * Places outside the project that its modules come from: packages that `npm link` and the like point to (with the
 * workspace that each belongs to), a node_modules directory that is a symlink or lies above the project, and the
 * repository of a Git worktree. Reads one level of node_modules at the project, the root and between.
 */
export function findLinkedPlaces(project: string, root: string, home: string): string[] {
  const own = [root, ...ancestors(root), project].filter((directory) => isWithin(directory, project))
  const linked = own
    .map(modulesOf)
    .flatMap((directory) => [
      ...realPath(directory),
      ...packagesIn(directory).map((link) => findWorkspaceRoot(link, home)),
    ])
  const above = ancestors(project).map(modulesOf).flatMap(realPath)
  const places = new Set([...linked, ...above, ...worktree(project)])
  return [...places].filter((place) => !isWithin(place, project))
}

function modulesOf(directory: string): string {
  return posix.join(directory, 'node_modules')
}

/** Real paths of the symlinks in node_modules, those in scopes included. */
function packagesIn(directory: string): string[] {
  return readEntries(directory).flatMap((entry) => {
    const path = posix.join(directory, entry.name)
    if (entry.isSymbolicLink()) return realPath(path)
    return entry.isDirectory() && entry.name.startsWith('@') ? packagesIn(path) : []
  })
}

function readEntries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

function realPath(path: string): string[] {
  try {
    return [realpathSync(path)]
  } catch {
    return []
  }
}

/** `.git` of a worktree is a file that names a directory inside the repository's own `.git`. */
function worktree(project: string): string[] {
  try {
    const gitdir = /^gitdir: (.+)$/m.exec(readFileSync(posix.join(project, '.git'), 'utf8'))?.[1]
    return gitdir === undefined ? [] : [posix.resolve(project, gitdir).replace(/\/worktrees\/[^/]+$/, '')]
  } catch {
    return []
  }
}
