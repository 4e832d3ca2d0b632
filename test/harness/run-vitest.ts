/** Runs a real Vitest, of a chosen version on a chosen Node.js, in a fixture, as root or as an ordinary user. */
import { join } from 'node:path'
import { modulesOf, type NodeMajor, nodeBinary, type VitestVersion } from '../setup/matrix.mjs'
import { type Run, type StartedRun, startRunner } from './run-runner.js'
import type { Role } from './users.js'

export {
  type JsonReport,
  killGroup,
  type ModuleResult,
  moduleOf,
  type Run,
  type StartedRun,
} from './run-runner.js'

export interface RunOptions {
  node: NodeMajor
  vitest: VitestVersion
  as: Role
  /** The project: a fixture made with the same version. */
  cwd: string
  /** After the executable; default `['run']`. */
  args?: readonly string[]
  env?: Record<string, string | undefined>
  /** A command that runs the one appended to it, e.g. one that changes what the host allows. */
  wrapper?: readonly string[]
  /** Milliseconds after which the run and all its children are killed and the promise rejects. A hang limit: default 120,000. */
  limit?: number
}

/** Runs Vitest to its end. Rejects only if it hangs. */
export function runVitest(options: RunOptions): Promise<Run> {
  return startVitest(options).done
}

/** Starts Vitest, for tests that kill it or talk to it. */
export function startVitest(options: RunOptions): StartedRun {
  const { node, vitest, as, cwd, args = ['run'], env, wrapper = [], limit } = options
  const binary = join(modulesOf(`vitest-${vitest}`), 'vitest/vitest.mjs')
  const command = (reportFile: string) => {
    const reporting =
      args[0] === 'run' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`] : []
    return [...wrapper, nodeBinary(node), binary, ...args, ...reporting]
  }
  return startRunner({ name: 'Vitest', as, cwd, command, env, limit })
}
