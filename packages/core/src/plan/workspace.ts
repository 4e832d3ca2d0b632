import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { ancestors, isWithin } from './paths.js'

/** Text of a file, '' for a directory, undefined if there is nothing. */
export type ReadFile = (path: string) => string | undefined

/**
 * The directory that a user calls the project: the nearest one, from the runner's root upwards, that declares a workspace
 * (pnpm-workspace.yaml, lerna.json, `workspaces` in package.json) or is the top of a repository; else the root itself.
 * The home directory and what is above it are never a project, unless the root is there already.
 */
export function findWorkspaceRoot(root: string, home: string, read: ReadFile = readFromDisk): string {
  const candidates = [root, ...ancestors(root).filter((directory) => !isWithin(home, directory))]
  return candidates.find((directory) => isWorkspace(directory, read)) ?? root
}

function isWorkspace(directory: string, read: ReadFile): boolean {
  const has = (name: string) => read(posix.join(directory, name)) !== undefined
  const packageJson = read(posix.join(directory, 'package.json'))
  return has('pnpm-workspace.yaml') || has('lerna.json') || has('.git') || declaresWorkspaces(packageJson)
}

function declaresWorkspaces(packageJson: string | undefined): boolean {
  try {
    return Boolean(JSON.parse(packageJson ?? '{}')?.workspaces)
  } catch {
    return false // not ours to report: the runner will
  }
}

function readFromDisk(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return existsSync(path) ? '' : undefined
  }
}
