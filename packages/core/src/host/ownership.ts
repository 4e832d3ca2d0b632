import { lstatSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'

/** Whose a file is, and what others may do with it. */
export interface Ownership {
  path: string
  uid: number
  gid: number
  /** Permission bits, e.g. 0o755. */
  mode: number
}

/**
 * Why root, without any capability, could not work with these files as their user does: some of them are somebody else's, or a directory on
 * the way to them is closed to root. `undefined`: it could. Pure.
 */
export function whyForeign(files: readonly Ownership[], ways: readonly Ownership[]): string | undefined {
  const foreign = files.find(({ uid }) => uid !== 0)
  if (foreign) return `${foreign.path} belongs to user ${foreign.uid}`
  const closed = ways.find((directory) => !letsRootThrough(directory))
  return closed && `${closed.path} is closed to all but user ${closed.uid}`
}

function letsRootThrough({ uid, gid, mode }: Ownership): boolean {
  const search = uid === 0 ? 0o100 : gid === 0 ? 0o010 : 0o001
  return (mode & search) !== 0
}

/** The edge: directories (real paths) and what lies in them, one level deep. What is missing, or a symlink, is left out. */
export function ownershipIn(directories: readonly string[]): Ownership[] {
  return [...new Set(directories)].flatMap((directory) => [
    ...ownershipOf(directory),
    ...namesIn(directory).flatMap((name) => ownershipOf(posix.join(directory, name))),
  ])
}

/** The edge: the directories that are passed on the way to real paths. */
export function ownershipOnTheWay(paths: readonly string[]): Ownership[] {
  const parents = (path: string): string[] =>
    path === '/' ? [] : [posix.dirname(path), ...parents(posix.dirname(path))]
  return [...new Set(paths.flatMap(parents))].flatMap(ownershipOf)
}

function ownershipOf(path: string): Ownership[] {
  try {
    const status = lstatSync(path)
    if (status.isSymbolicLink()) return []
    return [{ path, uid: status.uid, gid: status.gid, mode: status.mode & 0o7777 }]
  } catch {
    return []
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // a file, or not there
  }
}
