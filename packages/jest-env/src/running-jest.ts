import { createRequire } from 'node:module'

/** Loads modules as one of the user's own Jest packages would; never the ones that stand beside us. */
export type Require = NodeJS.Require

const core = /[\\/]@jest[\\/]core[\\/]build[\\/]index\.js$/
const runner = /[\\/]jest-runner[\\/]build[\\/]index\.js$/

/**
 * Path of the `jest-runner` that belongs to the Jest that is running in this process: found among the modules that it has loaded, so that
 * it does not matter who started it or how packages are laid out.
 */
export function findJestRunner(loaded: readonly string[] = Object.keys(require.cache)): string {
  const main = loaded.find((path) => core.test(path))
  if (main !== undefined) {
    const config = createRequire(main).resolve('jest-config')
    return createRequire(config).resolve('jest-runner')
  }
  // In a worker, Jest's main module is not there.
  const own = loaded.find((path) => runner.test(path))
  if (own !== undefined) return own
  throw new Error('Jest does not run in this process: @glovebox/jest-env is loaded by Jest alone.')
}

/** What `jest-runner` sees: it depends on all that a worker needs. */
export function requireFromJest(jestRunner: string = findJestRunner()): Require {
  return createRequire(jestRunner)
}
