import type { NetworkKind } from '../plan/network.js'
import type { Usage } from '../verdict/usage.js'
import type { Change, Observation } from './perturbation.js'

export type RunnerName = 'vitest' | 'jest'

/** One run of one file, in a process of its own. Plain data: it crosses to that process. */
export interface TrialTask {
  runner: RunnerName
  /** The runner's root. */
  root: string
  /** Absolute path of the test file. */
  file: string
  /** Regular expression of the tests whose outcome counts, as `-t` of both runners takes it; all if absent. */
  testName?: string
  change: Change
  /** Puts Glovebox into a configuration that has it not. */
  include: boolean
  /** A directory of the experiment, which outlives its trials. */
  scratch: string
  /** Whether it is written down what the file does. */
  observe?: true
  /** Lets the runner's own reporter write, and keeps what it wrote. */
  keepOutput: boolean
}

export type TrialOutcome =
  | { kind: 'passed' }
  | { kind: 'failed'; failures: readonly Failure[] }
  /** The trial says nothing of the test: the sandbox or the runner could not do it. */
  | { kind: 'unusable'; reason: string }

export interface Failure {
  /** Name of the test; the file's if it failed as a whole. */
  test: string
  /** First line of the error. */
  message: string
  /** Where in the test file it was thrown, from 1, and what stands there; absent where that is not known. */
  line?: number
  text?: string
}

export interface TrialResult {
  outcome: TrialOutcome
  usage?: Usage
  /** How many tests the file has; absent where it did not come so far. */
  tests?: number
  /** What the sandbox gave it. */
  network?: NetworkKind
  observation?: Observation
  output?: string
  /** The file ran, but in no sandbox: the project's configuration lacks Glovebox. */
  unsandboxed?: true
}

/** What both runners say of a file, before it is judged. */
export interface RunnerResult {
  tests: readonly {
    name: string
    state: 'passed' | 'failed' | 'skipped'
    message: string
    /** Of the test file, where it failed; absent where that is not known. */
    line?: number | undefined
  }[]
  /** Errors of the file itself, and those that nobody caught. */
  errors: readonly string[]
  /** Absent: the file did not run in a sandbox. */
  record:
    | {
        usage: Usage
        verdict: { kind: string }
        network?: NetworkKind
        /** What was laid over the options, acknowledged (`markOf`); absent where an adapter does not know of trials. */
        trial?: string
      }
    | undefined
}
