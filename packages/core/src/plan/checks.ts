import type { ParsedFileOptions } from '../config/options.js'
import type { Problem } from '../config/problems.js'
import { expandPath, isWithin, type PathLookup } from './paths.js'

/** Where a run takes place, as far as options depend on it. */
export interface Places {
  lookup: PathLookup
  home: string
  root: string
  /** Undefined = none in the sandbox. */
  project: string | undefined
  mountPoints: readonly string[]
}

/** What merged options say of paths and devices that is not so. */
export function checkPlaces(options: ParsedFileOptions, places: Places): Problem[] {
  return [...checkPaths(options, places), ...checkProject(options, places), ...checkDevices(options, places)]
}

function checkPaths({ filesystem = {}, root }: ParsedFileOptions, places: Places): Problem[] {
  const shown = (['readonly', 'writable'] as const).flatMap((key) =>
    (filesystem[key] ?? [])
      .filter((path) => !find(places, path))
      .map((path) =>
        problem(`filesystem.${key}`, path, 'does not exist', 'Make it before the run, or correct the path.'),
      ),
  )
  const isRoot = root === undefined || find(places, root)?.kind === 'directory'
  return isRoot
    ? shown
    : [...shown, problem('root', root, 'is not a directory', 'Name an existing directory.')]
}

function checkProject({ filesystem = {} }: ParsedFileOptions, places: Places): Problem[] {
  const { project, mountPoints } = places
  if (project === undefined) return []
  const hidden = filesystem.hide?.find((path) => find(places, path)?.real === project)
  if (hidden !== undefined)
    return [problem('filesystem.hide', hidden, 'is the project itself', 'Leave it out.')]
  if ((filesystem.project ?? 'overlay') !== 'overlay') return []
  const remedy = 'Use filesystem.project: readonly or direct.'
  if (project === '/')
    return [
      problem('filesystem.project', 'overlay', 'cannot be laid over /, which is the project here', remedy),
    ]
  // A user namespace may not take such mounts apart, so the kernel refuses them below an overlay.
  const inner = mountPoints.find((point) => point !== project && isWithin(point, project))
  const message = `cannot be laid over ${project}, since ${inner} is a file system of its own`
  return inner === undefined ? [] : [problem('filesystem.project', 'overlay', message, remedy)]
}

/** The kernel would refuse them without saying which option is meant. */
function checkDevices({ limits = {} }: ParsedFileOptions, { lookup }: Places): Problem[] {
  const devices = (limits.io ?? []).map((rule) => rule.device)
  const sizes = Object.keys(limits.hugetlb ?? {})
  return [
    ...devices
      .filter((device) => !lookup(`/sys/dev/block/${device}`))
      .map((device) =>
        problem('limits.io', device, 'is no block device of this host', '`lsblk` lists them.'),
      ),
    ...sizes
      .filter((size) => !lookup(`/sys/kernel/mm/hugepages/hugepages-${kibibytes(size)}kB`))
      .map((size) =>
        problem(
          'limits.hugetlb',
          size,
          'is no size of huge pages on this host',
          '`ls /sys/kernel/mm/hugepages` lists them.',
        ),
      ),
  ]
}

/** `2MB`, as cgroups spell it, is 2048 as sysfs does. */
function kibibytes(size: string): number {
  return Number.parseInt(size, 10) * 1024 ** 'KMG'.indexOf(size.at(-2) ?? '')
}

/** Paths to hide that are not there: harmless, but perhaps misspelt. */
export function missingHidden({ filesystem }: ParsedFileOptions, places: Places): string[] {
  const missing = filesystem?.hide?.filter((path) => !find(places, path)) ?? []
  return missing.map((path) => `filesystem.hide: ${path} does not exist, so nothing is hidden there`)
}

function find({ lookup, home, root }: Places, path: string): ReturnType<PathLookup> {
  return lookup(expandPath(path, home, root))
}

function problem(key: string, shown: unknown, message: string, remedy: string): Problem {
  return { key, value: { shown }, message, remedy }
}
