import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { GloveboxError } from '@glovebox/core/adapter'

/** Releases whose pool this adapter speaks: major, lowest minor. */
const supported = [
  { major: 4, minor: 1 },
  { major: 5, minor: 1 },
]

const remedy = 'Install Vitest 4.1 or 5.1: npm install --save-dev vitest@^5.1'

/** Throws GLOVEBOX_UNSUPPORTED_RUNNER for a version of Vitest that has no custom pools, or other ones. */
export function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (supported.some((release) => release.major === major && minor >= release.minor)) return
  const reason =
    major < 4
      ? 'its pools cannot be replaced by a plugin'
      : 'its pools are not known to this version of Glovebox'
  throw clean(
    new GloveboxError('GLOVEBOX_UNSUPPORTED_RUNNER', `Vitest ${version} is not supported: ${reason}.`, {
      remedy,
    }),
  )
}

/** The version of the Vitest that runs now, or that the project would run; `undefined` if there is none to be found. */
export function findVersion(root: string): string | undefined {
  return running() ?? installed(root)
}

function running(): string | undefined {
  const script = process.argv[1]
  if (script === undefined) return undefined
  try {
    return versionIn(dirname(realpathSync(script)))
  } catch {
    return undefined
  }
}

function installed(root: string): string | undefined {
  try {
    return versionIn(dirname(createRequire(join(root, 'package.json')).resolve('vitest/package.json')))
  } catch {
    return undefined
  }
}

function versionIn(directory: string): string | undefined {
  const manifest: { name?: string; version?: string } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  )
  return manifest.name === 'vitest' ? manifest.version : undefined
}

/**
 * Vitest prints an error of a plugin with its stack and its properties. Where the user is to act, our stack says nothing,
 * and the remedy is in the message already.
 */
export function clean<E extends Error>(error: E): E {
  error.stack = `${error.name}: ${error.message}`
  Object.defineProperty(error, 'remedy', { enumerable: false })
  return error
}
