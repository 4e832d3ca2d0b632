// @ts-check
/**
 * Versions of Node.js, Vitest and Jest that the tests run against, each in a folder of its own below `.cache/matrix`, so that
 * none of them meets what the workspace itself uses. Versions are pinned by the lock files in `test/setup/matrix/NAME`.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const definitions = join(repository, 'test/setup/matrix')
const cache = join(repository, '.cache/matrix')

export const nodeMajors = /** @type {const} */ ([20, 22, 24, 26])
export const vitestVersions = /** @type {const} */ (['4.1', '5.1'])
export const jestVersions = /** @type {const} */ (['29.7', '30'])

/** @typedef {typeof nodeMajors[number]} NodeMajor */
/** @typedef {typeof vitestVersions[number]} VitestVersion */
/** @typedef {typeof jestVersions[number]} JestVersion */
/** @typedef {`vitest-${VitestVersion}` | `jest-${JestVersion}`} RunnerEntry */
/** @typedef {`node-${NodeMajor}` | RunnerEntry | 'addons' | 'clients' | 'package-managers' | 'react-native'} Entry `addons`: packages of native code; `clients`: of databases; `react-native`: with its preset for Jest */

const ownMajor = Number(process.versions.node.split('.')[0])

/** All that the tests use; the Node.js that is running needs no second copy. @returns {Entry[]} */
export function entries() {
  const nodes = nodeMajors
    .filter((major) => major !== ownMajor)
    .map((major) => /** @type {Entry} */ (`node-${major}`))
  return [
    ...nodes,
    ...vitestVersions.map((version) => /** @type {Entry} */ (`vitest-${version}`)),
    ...jestVersions.map((version) => /** @type {Entry} */ (`jest-${version}`)),
    'addons',
    'clients',
    'package-managers',
    'react-native',
  ]
}

/** Where an entry's packages are. @param {Entry} entry */
export function modulesOf(entry) {
  return join(cache, entry, 'node_modules')
}

/** The executable of a Node.js major version. @param {NodeMajor} major */
export function nodeBinary(major) {
  if (major === ownMajor) return process.execPath
  return join(modulesOf(`node-${major}`), `node-linux-${process.arch}`, 'bin/node')
}

/** Whether an entry is installed as its lock file says. @param {Entry} entry */
export function isInstalled(entry) {
  const stamp = join(cache, entry, '.stamp')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === stampOf(entry)
}

/** @param {Entry} entry */
function stampOf(entry) {
  const lock = readFileSync(join(definitions, entry, 'package-lock.json'))
  return createHash('sha256').update(lock).update(process.arch).digest('hex')
}

/**
 * Installs what is missing. Several processes may do so at once: each installs beside the target and renames, the first one wins.
 * @param {(line: string) => void} log
 * @returns {Promise<string[]>} what could not be installed, and why
 */
export async function installMatrix(log) {
  const failures = []
  for (const entry of entries()) {
    if (isInstalled(entry)) continue
    log(`installing ${entry}`)
    try {
      await install(entry)
    } catch (error) {
      const detail = /** @type {{ stderr?: string }} */ (error).stderr?.trim() || String(error)
      failures.push(`${entry}: ${detail.split('\n').slice(0, 4).join(' ')}`)
    }
  }
  return failures
}

/** @param {Entry} entry */
async function install(entry) {
  await mkdir(cache, { recursive: true })
  const staging = await mkdtemp(join(cache, '.staging-'))
  try {
    await cp(join(definitions, entry), staging, { recursive: true })
    await run(
      'npm',
      ['ci', '--prefix', staging, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      {
        cwd: staging,
        maxBuffer: 1 << 24,
      },
    )
    await run('chmod', ['-R', 'a+rX', staging]) // mkdtemp's folder is private, an ordinary user's tests read it too
    await writeFile(join(staging, '.stamp'), stampOf(entry))
    if (!isInstalled(entry)) {
      await rm(join(cache, entry), { recursive: true, force: true })
      await rename(staging, join(cache, entry)).catch((error) => {
        if (!isInstalled(entry)) throw error
      })
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
