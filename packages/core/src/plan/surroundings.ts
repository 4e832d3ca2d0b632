import type { HostFacts } from '../host/facts.js'
import type { Owners } from './capabilities.js'
import { findLinkedPlaces } from './links.js'
import { createPathLookup, type PathLookup } from './paths.js'
import { findWorkspaceRoot } from './workspace.js'

/** The part of SessionOptions that planning needs; a SessionOptions can be passed as it is. */
export interface RunnerFacts {
  maxWorkers: number
  env: Readonly<Record<string, string | undefined>>
  execArgv?: readonly string[]
  visible: readonly string[]
  shared: readonly string[]
  layered?: readonly string[]
  persist: readonly string[]
}

/** All that a profile depends on besides the options: the same for every file of a run. */
export interface Surroundings {
  host: HostFacts
  lookup: PathLookup
  /** Real path of the runner's root. */
  root: string
  /** Real path of the project; undefined = none in the sandbox. */
  project: string | undefined
  /** Real path of the runner's working directory. */
  cwd: string
  /** Places outside the project that its modules come from. */
  links: readonly string[]
  runner: RunnerFacts
  /** Why the project is direct where options want an overlay: with `onUnsupported: 'warn'`. */
  overlayRefused?: string | undefined
  /** For root alone: whose the files are. */
  owners?: Owners | undefined
  /** A test runner will run in the sandbox, so Node.js has to fit into the limits. */
  runsTests: boolean
}

export interface SurveyInput {
  /** Absolute: what relative paths and globs are relative to. The project is the workspace root above it, or it itself. */
  root: string
  /** Working directory of the runner, default `root`. */
  cwd?: string
  host: HostFacts
  /**
   * What the runner told the session. Absent: no runner (`glovebox run`); then with the option `root` there is no
   * project in the sandbox, and the working directory is `/`.
   */
  runner?: RunnerFacts
}

/** The edge: all that planning reads of the disk, except test files. */
export function survey({ host, root, cwd, runner }: SurveyInput, hasOwnRoot: boolean): Surroundings {
  const lookup = createPathLookup()
  const real = (path: string) => lookup(path)?.real ?? path
  const realRoot = real(root)
  const home = real(host.home)
  const project = runner === undefined && hasOwnRoot ? undefined : findWorkspaceRoot(realRoot, home)
  return {
    host,
    lookup,
    root: realRoot,
    project,
    cwd: real(cwd ?? root),
    links: project === undefined ? [] : findLinkedPlaces(project, realRoot, home),
    runner: runner ?? { maxWorkers: 1, env: host.env, visible: [], shared: [], persist: [] },
    runsTests: runner !== undefined,
  }
}
