/** A temporary project: files, an owner, and `node_modules` as `npm install` would have made it for one version of Vitest or Jest. */
import { chownSync, lstatSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import {
  type Entry,
  type JestVersion,
  modulesOf,
  type RunnerEntry,
  repository,
  type VitestVersion,
} from '../setup/matrix.mjs'
import { identityOf, type Role } from './users.js'

export interface FixtureOptions {
  /** Neither: a project without a runner. */
  vitest?: VitestVersion
  jest?: JestVersion
  /** An entry of the matrix whose packages are the project's, too; they stand before what came with the runner. */
  packages?: Entry
  /** Owner of the directory; it lies in the user's home, root's in the temporary directory. */
  as?: Role
  /** Path in the project → content. */
  files?: Record<string, string>
  /** A directory of the repository whose files are copied in first, relative to its root. */
  from?: string
}

export interface Fixture extends AsyncDisposable {
  /** Absolute path of the project. */
  readonly dir: string
  readonly as: Role
  path(...segments: string[]): string
  /** Adds or replaces files, owned by the fixture's owner. */
  write(files: Record<string, string>): Promise<void>
  read(path: string): Promise<string>
  /** Removes the directory; `await using` does so by itself. Idempotent. */
  remove(): Promise<void>
}

export async function createFixture({
  vitest,
  jest,
  packages,
  as = 'root',
  files = {},
  from,
}: FixtureOptions = {}): Promise<Fixture> {
  const owner = identityOf(as)
  const dir = await mkdtemp(join(as === 'root' ? tmpdir() : owner.home, 'gbtest-'))
  const fixture: Fixture = {
    dir,
    as,
    path: (...segments) => join(dir, ...segments),
    async write(more) {
      for (const [path, content] of Object.entries(more)) {
        const file = join(dir, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, content)
        for (let each = file; each !== dir; each = dirname(each)) chownSync(each, owner.uid, owner.gid)
      }
    },
    read: (path) => readFile(join(dir, path), 'utf8'),
    remove: () => rm(dir, { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => fixture.remove(),
  }
  try {
    const modules = join(dir, 'node_modules')
    if (packages !== undefined) await linkPackages(modules, packages)
    if (vitest !== undefined) await linkModules(modules, `vitest-${vitest}`, ['core', 'vitest-plugin'])
    if (jest !== undefined) await linkModules(modules, `jest-${jest}`, ['core', 'jest-env'])
    await fixture.write({
      'package.json': JSON.stringify({ name: 'fixture', private: true, type: 'module' }),
      ...(from === undefined ? {} : await filesBelow(join(repository, from))),
      ...files,
    })
    chownSync(dir, owner.uid, owner.gid)
    return fixture
  } catch (error) {
    await fixture.remove()
    throw error
  }
}

/**
 * A runner and its companions are links into the matrix. Our own packages are copies: linked ones would resolve to this repository and
 * there find this repository's runner instead of the project's.
 */
async function linkModules(modules: string, runner: RunnerEntry, packages: readonly string[]): Promise<void> {
  await linkPackages(modules, runner)
  await mkdir(join(modules, '@glovebox'))
  for (const name of packages)
    await installPackage(join(repository, 'packages', name), join(modules, '@glovebox', name))
}

async function linkPackages(modules: string, entry: Entry): Promise<void> {
  const matrix = modulesOf(entry)
  await mkdir(modules, { recursive: true })
  for (const name of await readdir(matrix)) {
    if (!name.startsWith('.') && !isThere(join(modules, name)))
      await symlink(join(matrix, name), join(modules, name))
  }
}

async function installPackage(source: string, target: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest
  await mkdir(target, { recursive: true })
  for (const entry of ['package.json', ...manifest.files]) {
    if (isThere(join(source, entry))) await cp(join(source, entry), join(target, entry), { recursive: true })
  }
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (dependency.startsWith('@glovebox/')) continue
    const link = join(target, 'node_modules', dependency)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(repository, 'node_modules', dependency), link)
  }
}

async function filesBelow(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return Object.fromEntries(paths.map((path) => [relative(directory, path), readFileSync(path, 'utf8')]))
}

interface Manifest {
  files: string[]
  dependencies?: Record<string, string>
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
