/** Runs a real Jest, of a chosen version on a chosen Node.js, in a fixture, as root or as an ordinary user. */
import { join } from 'node:path'
import { type JestVersion, modulesOf, type NodeMajor, nodeBinary } from '../setup/matrix.mjs'
import { type Run, type StartedRun, startRunner } from './run-runner.js'
import type { Role } from './users.js'

export interface JestRunOptions {
  node: NodeMajor
  jest: JestVersion
  as: Role
  /** The project: a fixture made with the same version. */
  cwd: string
  args?: readonly string[]
  /** Flags of Node.js. */
  execArgv?: readonly string[]
  env?: Record<string, string | undefined>
  /** A command that runs the one appended to it, e.g. one that changes what the host allows. */
  wrapper?: readonly string[]
  /** Whether Jest writes its JSON report, which fails where a result is circular. Default: yes, unless it watches. */
  json?: boolean
  /** Milliseconds after which the run and all its children are killed and the promise rejects. A hang limit: default 120,000. */
  limit?: number
}

/** Runs Jest to its end. Rejects only if it hangs. */
export function runJest(options: JestRunOptions): Promise<Run> {
  return startJest(options).done
}

/** Starts Jest, for tests that kill it or talk to it. */
export function startJest(options: JestRunOptions): StartedRun {
  const { node, jest, as, cwd, args = [], execArgv = [], env, wrapper = [], limit } = options
  const { json = !args.some((arg) => arg.startsWith('--watch')) } = options
  const binary = join(modulesOf(`jest-${jest}`), 'jest/bin/jest.js')
  const command = (reportFile: string) => {
    const reporting = json ? ['--json', `--outputFile=${reportFile}`] : []
    // Jest's own place for it is the machine's directory of temporary files, where it would stay.
    const cache = args.some((arg) => arg.startsWith('--cacheDirectory'))
      ? []
      : [`--cacheDirectory=${join(cwd, '.jest-cache')}`]
    return [...wrapper, nodeBinary(node), ...execArgv, binary, ...args, ...cache, ...reporting]
  }
  return startRunner({ name: 'Jest', as, cwd, command, env, limit })
}
