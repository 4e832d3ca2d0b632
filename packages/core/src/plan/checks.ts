import type { ParsedFileOptions } from '../config/parsed-options.js'
import type { Problem } from '../config/problems.js'
import { expandPath, isWithin, type PathFact } from './paths.js'
import type { Surroundings } from './surroundings.js'

/** Without them there is no system in the sandbox. */
const indispensable = ['/usr', '/proc', '/dev']

/** What merged options say of paths and devices that is not so. */
export function checkPlaces(options: ParsedFileOptions, around: Surroundings): Problem[] {
  return [...checkPaths(options, around), ...checkProject(options, around), ...checkDevices(options, around)]
}

function checkPaths({ filesystem = {}, root }: ParsedFileOptions, around: Surroundings): Problem[] {
  const missing = (['readonly', 'writable'] as const).flatMap((key) =>
    (filesystem[key] ?? [])
      .filter((path) => !find(around, path))
      .map((path) =>
        problem(`filesystem.${key}`, path, 'does not exist', 'Make it before the run, or correct the path.'),
      ),
  )
  const needed = (path: string) => {
    const real = find(around, path)?.real
    return real !== undefined && indispensable.some((part) => isWithin(part, real))
  }
  const system = (filesystem.hide ?? [])
    .filter(needed)
    .map((path) =>
      problem('filesystem.hide', path, 'is what every sandbox needs', 'Name something more specific.'),
    )
  const isRoot = root === undefined || find(around, root)?.kind === 'directory'
  return [
    ...missing,
    ...system,
    ...(isRoot ? [] : [problem('root', root, 'is not a directory', 'Name an existing directory.')]),
  ]
}

function checkProject({ filesystem = {} }: ParsedFileOptions, around: Surroundings): Problem[] {
  const { project } = around
  if (project === undefined) return []
  const hidden = filesystem.hide?.find((path) => find(around, path)?.real === project)
  if (hidden !== undefined)
    return [problem('filesystem.hide', hidden, 'is the project itself', 'Leave it out.')]
  if ((filesystem.project ?? 'overlay') !== 'overlay' || around.overlayRefused !== undefined) return []
  const reason = whyNoOverlay(around)
  const remedy = `Use filesystem.project: readonly or direct, or onUnsupported: 'warn'.`
  return reason === undefined ? [] : [problem('filesystem.project', 'overlay', reason, remedy)]
}

/** Why the kernel would refuse an overlay of the project, as far as that is known beforehand. */
export function whyNoOverlay({ project, host }: Surroundings): string | undefined {
  if (project === '/') return 'cannot be laid over /, which is the project here'
  // A user namespace may not take such mounts apart, so the kernel refuses them below an overlay.
  const inner = host.mountPoints.find(
    (point) => project !== undefined && point !== project && isWithin(point, project),
  )
  return inner && `cannot be laid over ${project}, since ${inner} is a file system of its own`
}

/** The kernel would refuse them without saying which option is meant. */
function checkDevices({ limits = {} }: ParsedFileOptions, { lookup }: Surroundings): Problem[] {
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
export function missingHidden({ filesystem }: ParsedFileOptions, around: Surroundings): string[] {
  const missing = filesystem?.hide?.filter((path) => !find(around, path)) ?? []
  return missing.map((path) => `filesystem.hide: ${path} does not exist, so nothing is hidden there`)
}

function find({ lookup, host, root }: Surroundings, path: string): PathFact | undefined {
  return lookup(expandPath(path, host.home, root))
}

function problem(key: string, shown: unknown, message: string, remedy: string): Problem {
  return { key, value: { shown }, message, remedy }
}
