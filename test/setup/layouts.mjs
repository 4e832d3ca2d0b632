// @ts-check
/**
 * What the tests of package managers need to install a project without a network: a home directory, `.cache/matrix/layouts/home`, in which
 * pnpm and Yarn have once installed Vitest and all that our packages depend on, with stores and caches at their usual places. The
 * package managers are an entry of the matrix; the versions of packages are those of its lock file and of the repository's.
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
/** @typedef {{ dependencies: Record<string, string>, pins: Record<string, string> }} Pinned */

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
 * The manifest of a project that has Vitest, and of ours what `own` names (package → specifier).
 * @param {PackageManager} name
 * @param {Record<string, string>} own
 */
export function manifestOf(name, own) {
  const { dependencies, pins } = pinned()
  const { vitest, vite, '@vitest/coverage-v8': coverage } = dependencies
  const wanted =
    Object.keys(own).length > 0 ? { vitest, vite, '@vitest/coverage-v8': coverage } : dependencies
  const spelled = name === 'pnpm' ? pins : prefixed(pins)
  const resolutions = { ...spelled, ...own }
  return {
    name: 'fixture',
    private: true,
    type: 'module',
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
    for (const name of /** @type {const} */ (['pnpm', 'yarn'])) {
      const project = join(staging, name)
      await mkdir(project, { recursive: true })
      const files = {
        'package.json': JSON.stringify(manifestOf(name, {})),
        ...settingsOf(name),
        ...(name === 'yarn' && { 'yarn.lock': '' }),
      }
      for (const [path, content] of Object.entries(files)) await writeFile(join(project, path), content)
      await run(process.execPath, [scriptOf(name), 'install'], { cwd: project, env, maxBuffer: 1 << 24 })
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

/** The lock file of the set-up's project: with it, nothing has to be looked up. @param {PackageManager} name */
export async function lockFileOf(name) {
  const file = name === 'pnpm' ? 'pnpm-lock.yaml' : 'yarn.lock'
  return { [file]: await readFile(join(layouts, name, file), 'utf8') }
}

function stampOf() {
  const text = JSON.stringify([manifestOf('pnpm', {}), process.arch])
  const managers = readFileSync(join(repository, 'test/setup/matrix/package-managers/package-lock.json'))
  return createHash('sha256').update(text).update(managers).digest('hex')
}

/** Everything that Vitest and our packages depend on, at the versions that npm has locked. @returns {Pinned} */
function pinned() {
  const runner = lockAt('test/setup/matrix/vitest-5.1/package-lock.json')
  const own = lockAt('package-lock.json')
  const needed = ['core', 'vitest-plugin'].flatMap((name) => {
    const { dependencies = {} } = readJson(`packages/${name}/package.json`)
    return Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@glovebox/'))
  })
  const companions = ['vitest', 'vite', '@vitest/coverage-v8']
  const pins = { ...closure(own, needed), ...closure(runner, companions) }
  const pick = (/** @type {string} */ name) => [name, pins[name] ?? '*']
  return { dependencies: Object.fromEntries([...companions, ...needed].map(pick)), pins }
}

/** @typedef {{ version?: string, dependencies?: object, optionalDependencies?: object }} Locked */

/** @param {Record<string, Locked>} lock @param {string[]} names @returns {Record<string, string>} */
function closure(lock, names) {
  /** @type {Record<string, string>} */
  const found = {}
  const visit = (/** @type {string} */ name) => {
    const entry = lock[`node_modules/${name}`]
    if (entry?.version === undefined || found[name] !== undefined) return
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
