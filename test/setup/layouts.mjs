// @ts-check
/**
 * What the tests of package managers need to install a project without a network: a home directory, `.cache/matrix/layouts/home`, in which
 * pnpm and Yarn have once installed Vitest, Jest, and all that our packages depend on, with stores and caches at their usual places. The
 * package managers are an entry of the matrix; the versions of packages are those of its lock files and of the repository's.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled, modulesOf, repository } from './matrix.mjs'

const run = promisify(execFile)
const cache = join(repository, '.cache/matrix')
/** Where it is. */
export const layouts = join(cache, 'layouts')

/** @typedef {'pnpm' | 'yarn'} PackageManager */
/** @typedef {'vitest' | 'jest'} Runner */
/** @typedef {{ dependencies: Record<string, string>, pins: Record<string, string> }} Pinned */

/** What a project that uses it declares, the entry of the matrix that has it, and our packages that it needs. */
const runners = {
  vitest: {
    declared: ['vitest', 'vite', '@vitest/coverage-v8'],
    entry: 'vitest-5.1',
    own: ['core', 'vitest-plugin'],
  },
  jest: { declared: ['jest'], entry: 'jest-30', own: ['core', 'jest-env'] },
}

/** @type {readonly { manager: PackageManager, runner: Runner }[]} */
const projects = [
  { manager: 'pnpm', runner: 'vitest' },
  { manager: 'yarn', runner: 'vitest' },
  { manager: 'pnpm', runner: 'jest' },
  { manager: 'yarn', runner: 'jest' },
]

/** The script to run with Node.js. @param {PackageManager} name */
export function scriptOf(name) {
  return join(
    modulesOf('package-managers'),
    name === 'pnpm' ? 'pnpm/bin/pnpm.cjs' : '@yarnpkg/cli-dist/bin/yarn.js',
  )
}

/** Settings that a project needs: no network but by the registry that npm uses, no scripts. @param {PackageManager} name */
export function settingsOf(name) {
  return name === 'pnpm'
    ? { 'pnpm-workspace.yaml': 'ignoreScripts: true\n' }
    : { '.yarnrc.yml': 'nodeLinker: pnp\nenableTelemetry: false\nenableScripts: false\n' }
}

/**
 * The manifest of a project that has a runner, and of ours what `own` names (package → specifier).
 * @param {PackageManager} name
 * @param {Runner} runner
 * @param {Record<string, string>} own
 */
export function manifestOf(name, runner, own) {
  const { dependencies, pins } = pinned(runner)
  const declared = runners[runner].declared.map((one) => [one, dependencies[one]])
  const wanted = Object.keys(own).length > 0 ? Object.fromEntries(declared) : dependencies
  const spelled = name === 'pnpm' ? pins : prefixed(pins)
  const resolutions = { ...spelled, ...own }
  return {
    name: 'fixture',
    private: true,
    type: runner === 'vitest' ? 'module' : 'commonjs',
    dependencies: { ...wanted, ...own },
    ...(name === 'pnpm' ? { pnpm: { overrides: resolutions } } : { resolutions }),
  }
}

/** Whether the home directory holds what the lock files now name. */
export function layoutsInstalled() {
  const stamp = join(layouts, '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf()
}

/**
 * @param {(line: string) => void} log
 * @returns {Promise<string[]>} what could not be had, and why
 */
export async function installLayouts(log) {
  if (layoutsInstalled()) return []
  if (!isInstalled('package-managers')) return ['layouts: the package managers are missing']
  log('filling the stores of pnpm and Yarn')
  const staging = await mkdtemp(join(cache, '.staging-'))
  try {
    const { stdout } = await run('npm', ['config', 'get', 'registry', 'userconfig'], { encoding: 'utf8' })
    const { registry = '', userconfig = '' } = Object.fromEntries(
      stdout.split('\n').map((line) => line.split('=').map((part) => part.trim())),
    )
    const env = {
      ...process.env,
      HOME: join(staging, 'home'),
      XDG_DATA_HOME: undefined,
      XDG_CACHE_HOME: undefined,
      npm_config_registry: registry,
      npm_config_userconfig: userconfig,
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '*',
    }
    for (const { manager, runner } of projects) {
      const project = join(staging, folderOf(manager, runner))
      await mkdir(project, { recursive: true })
      const files = {
        'package.json': JSON.stringify(manifestOf(manager, runner, {})),
        ...settingsOf(manager),
        ...(manager === 'yarn' && { 'yarn.lock': '' }),
      }
      for (const [path, content] of Object.entries(files)) await writeFile(join(project, path), content)
      await run(process.execPath, [scriptOf(manager), 'install'], { cwd: project, env, maxBuffer: 1 << 24 })
      await rm(join(project, 'node_modules'), { recursive: true, force: true })
    }
    await run('chmod', ['-R', 'a+rX', staging])
    await writeFile(join(staging, '.stamp'), stampOf())
    await rm(layouts, { recursive: true, force: true })
    await rename(staging, layouts)
    return []
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    return [`layouts: ${(stderr?.trim() || stdout?.trim() || String(error)).split('\n').slice(-4).join(' ')}`]
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** @param {PackageManager} manager @param {Runner} runner */
function folderOf(manager, runner) {
  return `${manager}-${runner}`
}

/** The lock file of the set-up's project: with it, nothing has to be looked up. @param {PackageManager} manager @param {Runner} runner */
export async function lockFileOf(manager, runner) {
  const file = manager === 'pnpm' ? 'pnpm-lock.yaml' : 'yarn.lock'
  return { [file]: await readFile(join(layouts, folderOf(manager, runner), file), 'utf8') }
}

function stampOf() {
  const text = JSON.stringify([
    manifestOf('pnpm', 'vitest', {}),
    manifestOf('pnpm', 'jest', {}),
    process.arch,
  ])
  const managers = readFileSync(join(repository, 'test/setup/matrix/package-managers/package-lock.json'))
  return createHash('sha256').update(text).update(managers).digest('hex')
}

/**
 * Everything that a runner and our packages depend on, at the versions that npm has locked; not pinned is what there are several versions of.
 * @param {Runner} name
 * @returns {Pinned}
 */
function pinned(name) {
  const { declared, entry, own: packages } = runners[name]
  const runner = lockAt(`test/setup/matrix/${entry}/package-lock.json`)
  const own = lockAt('package-lock.json')
  /** @type {[name: string, range: string][]} */
  const needed = packages
    .flatMap((name) => Object.entries(readJson(`packages/${name}/package.json`).dependencies ?? {}))
    .filter(([name]) => !name.startsWith('@glovebox/'))
  const names = needed.map(([name]) => name)
  const [ours, theirs] = [closure(own, names), closure(runner, declared)]
  const several = manifold(runner)
  const differs = (/** @type {string} */ name) => ours[name] && theirs[name] && ours[name] !== theirs[name]
  const all = Object.entries({ ...ours, ...theirs })
  const pins = Object.fromEntries(all.filter(([name]) => !several.has(name) && !differs(name)))
  const dependencies = {
    ...Object.fromEntries(declared.map((name) => [name, theirs[name] ?? '*'])),
    // What is not pinned as our packages have it: a lock file knows of ranges.
    ...Object.fromEntries(needed.map(([name, range]) => [name, pins[name] ?? range])),
  }
  return { dependencies, pins }
}

/** Names that are installed below another package, too: in another version. @param {Record<string, Locked>} lock */
function manifold(lock) {
  const nested = Object.keys(lock).filter((path) => path.lastIndexOf('node_modules/') > 0)
  return new Set(nested.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)))
}

/** `name` is there where a package is installed under another one. @typedef {{ name?: string, version?: string, dependencies?: object, optionalDependencies?: object }} Locked */

/** @param {Record<string, Locked>} lock @param {string[]} names @returns {Record<string, string>} */
function closure(lock, names) {
  /** @type {Record<string, string>} */
  const found = {}
  const visit = (/** @type {string} */ name) => {
    const entry = lock[`node_modules/${name}`]
    if (entry?.version === undefined || entry.name !== undefined || found[name] !== undefined) return
    found[name] = entry.version
    for (const next of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) visit(next)
  }
  names.forEach(visit)
  return found
}

/** @param {Record<string, string>} pins */
function prefixed(pins) {
  return Object.fromEntries(Object.entries(pins).map(([name, version]) => [name, `npm:${version}`]))
}

/** @param {string} path @returns {Record<string, Locked>} */
function lockAt(path) {
  return readJson(path).packages
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(repository, path), 'utf8'))
}
