import type { ParsedFileOptions } from '../config/options.js'
import type { Problem } from '../config/problems.js'
import { expandPath, type PathLookup } from './paths.js'

/** Where a run takes place, as far as paths in options depend on it. */
export interface Places {
  lookup: PathLookup
  home: string
  root: string
  /** Undefined = none in the sandbox. */
  project: string | undefined
}

/** What is wrong with the paths of merged options. */
export function checkPlaces({ filesystem = {}, root }: ParsedFileOptions, places: Places): Problem[] {
  const find = (path: string) => places.lookup(expandPath(path, places.home, places.root))
  const problems: Problem[] = []
  for (const key of ['readonly', 'writable'] as const) {
    for (const path of filesystem[key] ?? []) {
      if (!find(path))
        problems.push({ key: `filesystem.${key}`, value: { shown: path }, message: 'does not exist' })
    }
  }
  if (root !== undefined && find(root)?.kind !== 'directory') {
    problems.push({ key: 'root', value: { shown: root }, message: 'is not a directory' })
  }
  const { project } = places
  if (project === undefined) return problems
  const hidden = filesystem.hide?.find((path) => find(path)?.real === project)
  if (hidden !== undefined) {
    problems.push({ key: 'filesystem.hide', value: { shown: hidden }, message: 'is the project itself' })
  }
  if (project === '/' && (filesystem.project ?? 'overlay') === 'overlay') {
    problems.push({
      key: 'filesystem.project',
      value: { shown: 'overlay' },
      message: 'cannot be laid over /, which is the project here',
      remedy: 'Move the project into a directory, or use readonly.',
    })
  }
  return problems
}

/** Paths to hide that are not there: harmless, but perhaps misspelt. */
export function missingHidden({ filesystem }: ParsedFileOptions, { lookup, home, root }: Places): string[] {
  const missing = filesystem?.hide?.filter((path) => !lookup(expandPath(path, home, root))) ?? []
  return missing.map((path) => `filesystem.hide: ${path} does not exist, so nothing is hidden there`)
}
