import { type Ownership, ownershipIn, ownershipOnTheWay, whyForeign } from '../host/ownership.js'
import { isWithin } from './paths.js'
import type { Confinement, Mount } from './profile.js'
import type { Surroundings } from './surroundings.js'

/** Whose the files are that root's tests read and write, and the directories on the way to them. */
export interface Owners {
  files: readonly Ownership[]
  ways: readonly Ownership[]
}

/** Why root needs those for files, in a sandbox with these mounts; `undefined`: it does not. Pure. */
export function whyFileCapabilities({ files, ways }: Owners, mounts: readonly Mount[]): string | undefined {
  return whyForeign(
    files,
    ways.filter(({ path }) => isShown(path, mounts)),
  )
}

/** Below a scratch, directories on the way to what is mounted there are made anew, and open. */
function isShown(path: string, mounts: readonly Mount[]): boolean {
  const last = mounts.findLast(({ target }) => isWithin(path, target))
  return last?.type === 'bind' || last?.type === 'overlay'
}

/** `reason`: that of `whyFileCapabilities`. Who maps users into a namespace below needs some of them, too. Pure. */
export function keptCapabilities(
  asked: 'auto' | Confinement['capabilities'],
  nestedSandboxes: boolean,
  reason: string | undefined,
): Confinement['capabilities'] {
  if (asked !== 'auto') return asked
  return nestedSandboxes || reason !== undefined ? 'files' : 'none'
}

/** The edge. An ordinary user has no capabilities to keep. `writable`: paths besides the project. */
export function findOwners(around: Surroundings, writable: readonly string[]): Owners {
  const { host, project, root, cwd, links, runner, lookup } = around
  if (host.uid !== 0 || project === undefined) return { files: [], ways: [] }
  const written = [project, root, ...runner.shared, ...(runner.layered ?? []), ...writable].flatMap(
    (path) => lookup(path)?.real ?? [],
  )
  return {
    files: ownershipIn(written),
    ways: ownershipOnTheWay([...written, cwd, host.execPath, ...runner.visible, ...links]),
  }
}
