import type { HostFacts } from '../host/facts.js'
import type { NetworkKind } from './network.js'
import { depth, isWithin, type PathLookup } from './paths.js'
import { foundSockets, hiddenPlaces, nodePlaces, toolPlaces } from './places.js'
import { privateDirectories } from './private.js'
import type { Mount } from './profile.js'

export interface MountInput {
  host: HostFacts
  lookup: PathLookup
  /** Directory that becomes `/`; undefined = the host's own `/`. */
  root: string | undefined
  /** Real path; undefined = no project in the sandbox. */
  project: { path: string; mode: 'overlay' | 'readonly' | 'direct' } | undefined
  /** Paths that must be readable: the runner's package, linked packages. */
  visible: readonly string[]
  /** Paths that the runner writes meanwhile. */
  shared: readonly string[]
  /** Directories of the host that get a private layer for writes. */
  layered: readonly string[]
  /** The user's own, absolute. */
  hide: readonly string[]
  writable: readonly string[]
  readonly: readonly string[]
  hostname: string
  network: NetworkKind
}

export interface MountPlan {
  /** Parents before children; the first is `/`. */
  mounts: readonly Mount[]
  /** Where the private home directory and directory of temporary files are. */
  home: string
  tmpdir: string
  /** Does the sandbox have the host's file at this path? */
  shows: (path: string) => boolean
}

/** Later steps cover earlier ones at the same target; the order of depth makes parents come before children. */
export function planMounts(input: MountInput): MountPlan {
  const { host, lookup, project, root } = input
  const table = new Map<string, Mount>()
  const put = (mount: Mount) => table.set(mount.target, mount)
  const shows = (path: string) => isShown(table, path)

  put(
    root === undefined
      ? bind('/', { readonly: true })
      : { type: 'overlay', source: lookup(root)?.real ?? root, target: '/' },
  )
  put({ type: 'proc', target: '/proc' })
  put({ type: 'dev', target: '/dev' })
  put({ type: 'cgroup', target: '/sys/fs/cgroup' })
  const { home, tmpdir, scratches } = privateDirectories(host, lookup, root)
  scratches.forEach(put)
  identityFiles(input).forEach(put)
  if (project) put(projectMount(project))

  const tools = toolPlaces(host).filter((path) => !input.hide.some((hidden) => isWithin(path, hidden)))
  // A command in another root (`glovebox run --root`) finds what it needs there; the host's /usr would cover it.
  const needsHostTools = root === undefined || project !== undefined
  for (const path of [...(needsHostTools ? [...tools, ...nodePlaces(host)] : []), ...input.visible]) {
    const real = lookup(path)?.real
    // What is a private directory itself stays one: it is never shown as a whole.
    if (real && !shows(real) && !table.has(real)) put(bind(real, { readonly: true, optional: true }))
  }
  for (const path of input.shared) put(bind(lookup(path)?.real ?? path, { readonly: true, optional: true }))
  for (const path of input.layered) {
    const real = lookup(path)?.real
    // In a project that can be written the layer is there already, or not wanted.
    const covered = project && project.mode !== 'readonly' && isWithin(real ?? path, project.path)
    if (real && !covered) put({ type: 'overlay', source: real, target: real })
  }
  const own = [
    ...input.readonly.map((path) => bind(lookup(path)?.real ?? path, { readonly: true })),
    ...input.writable.map((path) => bind(lookup(path)?.real ?? path)),
  ]
  own.forEach(put)

  for (const real of hiddenPaths(input)) if (shows(real)) put({ type: 'mask', target: real, optional: true })
  // A connection needs no right to write, so whatever answers on this host would be in reach.
  for (const path of foundSockets(host, project?.path)) {
    const real = lookup(path)?.real
    const wanted = own.some((mount) => real !== undefined && isWithin(real, mount.target))
    if (real && shows(real) && !wanted) put({ type: 'mask', target: real, optional: true })
  }
  // Below another root the host's files say nothing of what is there.
  if (root !== undefined) for (const path of input.hide) put({ type: 'mask', target: path, optional: true })
  return { mounts: inOrder([...table.values()]), home, tmpdir, shows }
}

/** Real paths of what is hidden on purpose, whether or not a private directory hides it already. */
export function hiddenPaths({
  host,
  lookup,
  hide,
  readonly,
  writable,
}: Pick<MountInput, 'host' | 'lookup' | 'hide' | 'readonly' | 'writable'>): string[] {
  const wanted = new Set([...readonly, ...writable].map((path) => lookup(path)?.real ?? path))
  const real = [...hiddenPlaces(host), ...hide].map((path) => lookup(path)?.real)
  return real.filter((path) => path !== undefined && !wanted.has(path)) as string[]
}

function bind(path: string, how: { readonly?: true; optional?: true } = {}): Mount {
  return { type: 'bind', source: path, target: path, ...how }
}

/** Is what the sandbox has at `path` the host's own file? The deepest mount above it decides. */
function isShown(table: ReadonlyMap<string, Mount>, path: string): boolean {
  const above = [...table.values()].filter((mount) => isWithin(path, mount.target))
  const nearest = above.toSorted((a, b) => depth(b.target) - depth(a.target))[0]
  return nearest !== undefined && 'source' in nearest && nearest.source === nearest.target
}

function projectMount({ path, mode }: NonNullable<MountInput['project']>): Mount {
  if (mode === 'overlay') return { type: 'overlay', source: path, target: path }
  return bind(path, mode === 'readonly' ? { readonly: true } : {})
}

/** The sandbox's own name resolves; on the host's network the host's other names do too. */
function identityFiles({ hostname, network, host, lookup, root }: MountInput): Mount[] {
  const names = `127.0.0.1\tlocalhost ${hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n`
  const place = (path: string) => (root === undefined ? (lookup(path)?.real ?? path) : path)
  return [
    {
      type: 'file',
      target: place('/etc/hosts'),
      content: network === 'host' ? `${host.hosts.trimEnd()}\n127.0.0.1\t${hostname}\n` : names,
      optional: true,
    },
    { type: 'file', target: place('/etc/hostname'), content: `${hostname}\n`, optional: true },
    ...(network !== 'host' && root === undefined && host.nsswitch !== ''
      ? [nameSources(host.nsswitch, place('/etc/nsswitch.conf'))]
      : []),
    ...(network !== 'host' ? [resolverFile(place('/etc/resolv.conf'))] : []),
  ]
}

/** There is one server that knows of names, the sandbox's own, and nothing but that must be asked. `myhostname` answers from the machine itself and stays. */
function nameSources(nsswitch: string, target: string): Mount {
  const local = (line: string) =>
    ['hosts: files', /\bmyhostname\b/.test(line) && 'myhostname', 'dns'].filter(Boolean).join(' ')
  return { type: 'file', target, content: nsswitch.replace(/^hosts:.*$/m, local), optional: true }
}

/**
 * The sandbox's resolver: the init's, or with a policy the forwarder's. A name that it refuses does not exist (ENOTFOUND, at once), instead of
 * being unknown for now (EAI_AGAIN, which programs retry).
 */
function resolverFile(target: string): Mount {
  const content = 'nameserver 127.0.0.1\n'
  return { type: 'file', target, content, optional: true }
}

/** Parents first. A masked directory is empty and stays so: where something is mounted below it, it becomes a private one. */
function inOrder(mounts: readonly Mount[]): Mount[] {
  const isBelow = (inner: Mount, outer: Mount) => inner !== outer && isWithin(inner.target, outer.target)
  return mounts
    .filter(
      (mount) =>
        mount.type !== 'mask' || !mounts.some((outer) => outer.type === 'mask' && isBelow(mount, outer)),
    )
    .map((mount): Mount => {
      const holds =
        mount.type === 'mask' && mounts.some((inner) => inner.type !== 'mask' && isBelow(inner, mount))
      return holds ? { type: 'scratch', target: mount.target, mode: 0o755 } : mount
    })
    .toSorted((a, b) => depth(a.target) - depth(b.target))
}
