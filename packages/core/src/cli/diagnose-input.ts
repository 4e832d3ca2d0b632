import { accessSync, constants, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, freemem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseCount } from '../config/units.js'
import type { RunnerName } from '../diagnose/trial-types.js'
import { GloveboxError } from '../errors.js'

/** Memory of a trial: a runner's main process, and a worker. */
const memoryOfATrial = 400 << 20

/** Where the file and its runner's root are. Throws GLOVEBOX_CONFIG for a file that is missing or elsewhere. */
export function locate(file: string, cwd: string): { root: string; file: string } {
  const root = realpathSync(cwd)
  let path: string
  try {
    path = realpathSync(resolve(cwd, file))
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `${file}: there is no such file in ${root}`, { cause })
  }
  if (relative(root, path).startsWith('..'))
    throw new GloveboxError('GLOVEBOX_CONFIG', `${file}: the file lies outside of ${root}`, {
      remedy: 'Start the command in the root of the project that runs the file.',
    })
  return { root, file: path }
}

/** The runner that was asked for, or the only one that is installed. Throws GLOVEBOX_CONFIG. */
export function chooseRunner(root: string, wanted: RunnerName | undefined): RunnerName {
  if (wanted !== undefined) return wanted
  const require = createRequire(join(root, 'package.json'))
  const installed = (['vitest', 'jest'] as const).filter((name) => {
    try {
      return require.resolve(`${name}/package.json`) !== ''
    } catch {
      return false
    }
  })
  const [only] = installed
  if (only !== undefined && installed.length === 1) return only
  const found = installed.length === 0 ? 'neither Vitest nor Jest is' : 'Vitest and Jest are both'
  throw new GloveboxError('GLOVEBOX_CONFIG', `${found} installed in ${root}`, {
    remedy: 'Say which one runs the file: --runner vitest or --runner jest',
  })
}

/** Trials at once. Throws GLOVEBOX_CONFIG for what is no number from 1 to 256. */
export function jobsOf(text: string | undefined): number {
  if (text === undefined) return jobsFor(availableParallelism(), process.availableMemory?.() ?? freemem())
  const jobs = parseCount(text)
  if (jobs === undefined || jobs < 1 || jobs > 256)
    throw new GloveboxError('GLOVEBOX_CONFIG', `--jobs ${text}: a whole number from 1 to 256 is needed`)
  return jobs
}

/** Trials for which there are CPUs and memory (bytes that a cgroup, too, leaves free). Pure. */
export function jobsFor(cpus: number, memory: number): number {
  return Math.max(1, Math.min(cpus, Math.floor(memory / memoryOfATrial)))
}

/** Files that are to run beside the one in question, relative to the root. Throws GLOVEBOX_CONFIG. */
export function besideOf(paths: readonly string[], cwd: string): string[] {
  return paths.map((path) => {
    const { root, file } = locate(path, cwd)
    return relative(root, file)
  })
}

/** Absolute paths of other Node.js binaries. Throws GLOVEBOX_CONFIG for what cannot be executed. */
export function nodesOf(paths: readonly string[], cwd: string): string[] {
  return paths.map((path) => {
    const absolute = resolve(cwd, path)
    try {
      accessSync(absolute, constants.X_OK)
      return absolute
    } catch (cause) {
      throw new GloveboxError('GLOVEBOX_CONFIG', `--node ${path}: there is no such program`, {
        remedy: 'Give the path of a Node.js binary, e.g. ~/.nvm/versions/node/v22.21.0/bin/node',
        cause,
      })
    }
  })
}
