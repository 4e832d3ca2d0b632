import type { HostFacts } from '../host/facts.js'
import type { PathFact, PathLookup } from './paths.js'

/** A made-up host for the tests of what is pure. */
export function hostFacts(changes: Partial<HostFacts> = {}): HostFacts {
  return {
    platform: 'linux',
    arch: 'x64',
    uid: 1000,
    gid: 1000,
    home: '/home/me',
    tmpdir: '/tmp',
    execPath: '/usr/bin/node',
    memoryTotal: 16 * 2 ** 30,
    memoryAvailable: 8 * 2 ** 30,
    cpus: [0, 1, 2, 3],
    openFilesMax: 1_048_576,
    fileSizeMax: Number.POSITIVE_INFINITY,
    coreSizeMax: Number.POSITIVE_INFINITY,
    stackSizeMax: Number.POSITIVE_INFINITY,
    hosts: '127.0.0.1\tlocalhost\n10.0.0.5\tdb\n',
    nsswitch: '',
    meminfo: '',
    cpuinfo: '',
    stat: '',
    mountPoints: ['/', '/proc', '/home'],
    sockets: [],
    env: {},
    ...changes,
  }
}

/**
 * A made-up file system: paths that end in `/` are directories, `->` makes symlinks of directories, ancestors exist. Real
 * enough for planning, which resolves whole paths only.
 */
export function pathTable(...entries: string[]): PathLookup {
  const links = new Map<string, string>()
  const facts = new Map<string, PathFact['kind']>()
  for (const entry of entries) {
    const [path = '', target] = entry.split(' -> ')
    if (target !== undefined) links.set(path, target)
    else facts.set(path.replace(/(.)\/$/, '$1'), path.endsWith('/') ? 'directory' : 'file')
  }
  const resolve = (path: string): string => {
    const link = [...links].find(([from]) => path === from || path.startsWith(`${from}/`))
    return link ? resolve(link[1] + path.slice(link[0].length)) : path
  }
  return (path) => {
    const real = resolve(path)
    const kind =
      facts.get(real) ??
      ([...facts.keys()].some((known) => known.startsWith(`${real}/`)) ? 'directory' : undefined)
    return kind && { kind, real }
  }
}

/** Directories of an ordinary host. */
export const ordinary: string[] = [
  '/',
  '/tmp/',
  '/var/tmp/',
  '/home/me/',
  '/root/',
  '/etc/hosts',
  '/etc/hostname',
  '/usr/bin/node',
]
