import type { ReportOptions } from '../config/options.js'
import type { HostFacts } from '../host/facts.js'
import type { Profile } from './profile.js'

/**
 * Options in, profiles out: the one place where options are read.
 *
 * ```ts
 * const planner = createPlanner({ options, source: 'vitest.config.ts', root, host: readHostFacts(), runner })
 * planner.base                       // profile of a file without override or pragma: what prepared sandboxes are made from
 * planner.profile('/app/a.test.ts')  // reads the file's docblock
 * planner.notices                    // grows: docblocks that are ignored, …
 * ```
 *
 * Both throw GloveboxError `GLOVEBOX_CONFIG`: `createPlanner` for options and overrides (all problems in one message),
 * `profile` for a docblock (it names file and line; only that file is concerned).
 */
export interface PlannerInput {
  /** As the user wrote them; `undefined` = all defaults. */
  options: unknown
  /** Where they stand, for messages: `vitest.config.ts`, `command line`. */
  source: string
  /** Absolute: what relative paths and globs are relative to, and the working directory. The project is the workspace root above it. */
  root: string
  host: HostFacts
  /**
   * What the runner told the session. Absent: no runner (`glovebox run`); then with the option `root` there is no
   * project in the sandbox, and the working directory is `/`.
   */
  runner?: RunnerFacts
}

/** The part of SessionOptions that planning needs; a SessionOptions can be passed as it is. */
export interface RunnerFacts {
  maxWorkers: number
  env: Readonly<Record<string, string | undefined>>
  visible: readonly string[]
  shared: readonly string[]
  persist: readonly string[]
}

export interface Planner {
  readonly base: Profile
  /** The workspace root: the target of the project's overlay. */
  readonly project: string
  readonly onUnsupported: 'error' | 'warn'
  readonly report: ReportOptions
  /** The policy of one test file (absolute path): options, then overrides in order, then its docblock. */
  profile(file: string): Profile
  /** What the user should know; grows while profiles are made. */
  readonly notices: readonly string[]
  /** One sentence for each override whose globs matched none of the files that ran. */
  unmatchedOverrides(files: readonly string[]): string[]
}

export declare function createPlanner(input: PlannerInput): Planner
