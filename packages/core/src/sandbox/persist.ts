import { join } from 'node:path'
import picomatch from 'picomatch'
import type { Change } from './changes.js'

/** A change by its absolute path on the host. */
export type HostChange = Change & { absolute: string }

export interface WritePlan {
  /** Files and symlinks to copy back. */
  copy: readonly HostChange[]
  /** Files to delete; of directories, what they hold is decided file by file. */
  remove: readonly HostChange[]
  discard: readonly HostChange[]
}

/** Whether an absolute path is one that a file may write back. */
export type Persists = (path: string) => boolean

/** `globs` and `paths` are absolute. */
export function persistMatcher(globs: readonly string[], paths: readonly string[] = []): Persists {
  const exact = new Set(paths)
  // Most files write nothing: then there is nothing to compile the globs for, which takes most of a millisecond.
  let matches: Persists | undefined
  const compiled = () => {
    matches ??= globs.length === 0 ? () => false : picomatch([...globs], { dot: true })
    return matches
  }
  return (path) => exact.has(path) || compiled()(path)
}

/** Sorts the changes of an overlay. Pure. Directories are made and removed along with what they hold, so they are not listed. */
export function planWrites(changes: readonly Change[], persists: Persists): WritePlan {
  const copy: HostChange[] = []
  const remove: HostChange[] = []
  const discard: HostChange[] = []
  for (const change of changes) {
    const entry = { ...change, absolute: join(change.target, change.path) }
    if (change.change === 'deleted') remove.push(entry)
    else if (change.kind === 'directory') continue
    else if (change.kind !== 'other' && persists(entry.absolute)) copy.push(entry)
    else discard.push(entry)
  }
  return { copy, remove, discard }
}
