import type { HostFacts } from '../host/facts.js'
import { isWithin, type PathLookup } from './paths.js'
import type { Mount } from './profile.js'

/** Covering one of these, or what holds one, with an empty directory would leave no system. */
const essential = [
  '/bin',
  '/dev',
  '/etc',
  '/lib',
  '/proc',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/tmp',
  '/var/tmp',
]

export interface PrivateDirectories {
  home: string
  tmpdir: string
  scratches: readonly Mount[]
}

/**
 * The directories that every sandbox has for itself, empty: homes, temporary files, users' runtime directories. Where
 * the home directory cannot be covered (`/`, a part of the system) or is missing, `/tmp/home` takes its place.
 */
export function privateDirectories(
  host: HostFacts,
  lookup: PathLookup,
  root: string | undefined,
): PrivateDirectories {
  // Below another root, missing directories are made in its overlay.
  const real = (path: string) => {
    if (root !== undefined) return path
    const fact = lookup(path)
    return fact?.kind === 'directory' ? fact.real : undefined
  }
  const usable = (path: string) => {
    const target = real(path)
    return target?.startsWith('/') && !essential.some((part) => isWithin(part, target)) ? target : undefined
  }
  const home = usable(host.home) ?? '/tmp/home'
  const tmpdir = usable(host.tmpdir) ?? '/tmp'
  const directories: [target: string | undefined, mode: number][] = [
    [real('/tmp'), 0o1777],
    [real('/var/tmp'), 0o1777],
    [real('/home'), 0o755],
    [real('/root'), 0o700],
    [root === undefined ? real('/run/user') : undefined, 0o755],
    [root === undefined ? real(`/run/user/${host.uid}`) : undefined, 0o700],
    [tmpdir, 0o1777],
    [home, 0o700],
  ]
  const scratches = directories.flatMap(([target, mode]): Mount[] =>
    target === undefined ? [] : [{ type: 'scratch', target, mode }],
  )
  return { home, tmpdir, scratches }
}
