import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, posix } from 'node:path'

/** What lies at a path of the host. */
export interface PathFact {
  kind: 'directory' | 'file' | 'other'
  /** The path with all symlinks resolved. */
  real: string
}

/** Looks a path up; undefined = there is nothing. Planning asks only through this, so tests can give it a table. */
export type PathLookup = (path: string) => PathFact | undefined

/** Reads the disk, each path once. */
export function createPathLookup(): PathLookup {
  const known = new Map<string, PathFact | undefined>()
  return (path) => {
    if (!known.has(path)) known.set(path, readPath(path))
    return known.get(path)
  }
}

function readPath(path: string): PathFact | undefined {
  try {
    const real = realpathSync(path)
    const stat = statSync(real)
    return { real, kind: stat.isDirectory() ? 'directory' : stat.isFile() ? 'file' : 'other' }
  } catch {
    return undefined // missing, or not ours to see
  }
}

/** Is `path` the directory itself or something below it? */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`)
}

/** Number of names in an absolute path; 0 for `/`. */
export function depth(path: string): number {
  return path.split('/').filter(Boolean).length
}

/** The directory's ancestors, nearest first; itself and `/` left out. */
export function ancestors(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === path || parent === '/' ? [] : [parent, ...ancestors(parent)]
}

/** A path as users write it: `~` is the home directory, other relative paths start at the root. */
export function expandPath(path: string, home: string, root: string): string {
  return path === '~' || path.startsWith('~/')
    ? posix.resolve(home, path.slice(2))
    : posix.resolve(root, path)
}

/** A glob that is relative to the root as an absolute one; `..` works, and the root's own special characters are literal. */
export function absoluteGlob(glob: string, root: string): string {
  return isAbsolute(glob) ? glob : posix.join(escapeGlob(root), glob)
}

/** A glob that matches just this path. */
export function escapeGlob(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|^$]/g, '\\$&')
}
