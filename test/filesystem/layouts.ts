/**
 * `node_modules` as pnpm lays it out, made by hand from copies of what the matrix has: each package in a place of its own, where it finds
 * what it declares and nothing else.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { modulesOf, type VitestVersion } from '../setup/matrix.mjs'

type Packages = ReadonlyMap<string, string>

/** Moves the packages of a fixture to `store`; `modules` has links to those that a user would have asked for. */
export function linkFromStore(modules: string, vitest: VitestVersion, store: string): void {
  const known = packagesOf(modules, vitest)
  const place = (name: string) => join(store, `${name.replace('/', '+')}@0.0.0`, 'node_modules', name)
  const link = (name: string, folder: string) => {
    if (existsSync(join(folder, name))) return
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    symlinkSync(place(name), join(folder, name))
  }
  const needed = reachable(known)
  for (const name of needed)
    cpSync(known.get(name) ?? '', place(name), { recursive: true, verbatimSymlinks: true })
  for (const name of needed) {
    const folder = join(store, `${name.replace('/', '+')}@0.0.0`, 'node_modules')
    for (const dependency of declaredBy(known.get(name) ?? ''))
      if (known.has(dependency)) link(dependency, folder)
  }
  clear(modules)
  for (const name of roots) link(name, modules)
}

/** Real directories side by side, as `node-linker=hoisted` has them. */
export function hoist(modules: string, vitest: VitestVersion): void {
  const known = packagesOf(modules, vitest)
  const staging = `${modules}.new`
  for (const name of reachable(known))
    cpSync(known.get(name) ?? '', join(staging, name), { recursive: true, verbatimSymlinks: true })
  rmSync(modules, { recursive: true })
  renameSync(staging, modules)
}

const roots = ['vitest', '@glovebox/vitest-plugin']

function packagesOf(modules: string, vitest: VitestVersion): Packages {
  const own = packagesIn(join(modules, '@glovebox'))
  return new Map([
    ...packagesIn(modulesOf(`vitest-${vitest}`)),
    ...own.map(([name, path]): [string, string] => [`@glovebox/${name}`, path]),
  ])
}

/** Entries of a fixture's node_modules may be links into the matrix: only they themselves go. */
function clear(modules: string): void {
  for (const name of readdirSync(modules).filter((name) => !name.startsWith('.')))
    rmSync(join(modules, name), { recursive: true })
}

function reachable(known: Packages): Set<string> {
  const found = new Set<string>()
  const visit = (name: string): void => {
    const path = known.get(name)
    if (path === undefined || found.has(name)) return
    found.add(name)
    declaredBy(path).forEach(visit)
  }
  roots.forEach(visit)
  return found
}

function packagesIn(directory: string): [name: string, path: string][] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name): [string, string][] => {
      const path = join(directory, name)
      if (!name.startsWith('@')) return [[name, path]]
      return packagesIn(path).map(([inner, inside]) => [`${name}/${inner}`, inside])
    })
}

/** What a package declares, and what packages inside of it do. Optional peers are left out: nobody asked for them. */
function declaredBy(path: string): string[] {
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = manifest
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta[name]?.optional)
  const inner = join(path, 'node_modules')
  const nested = existsSync(inner) && !path.includes('@glovebox') ? packagesIn(inner) : []
  return [
    ...Object.keys({ ...dependencies, ...optionalDependencies }),
    ...peers,
    ...nested.flatMap(([, inside]) => declaredBy(inside)),
  ]
}

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}
