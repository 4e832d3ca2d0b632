import { GloveboxError } from '../errors.js'
import type { NetworkKind } from '../plan/network.js'
import type { Usage } from '../verdict/usage.js'
import type { Laboratory } from './laboratory.js'
import type { Observation } from './perturbation.js'
import type { TrialResult, TrialTask } from './trial-types.js'

export interface FirstTrial {
  /** What every further trial starts from. */
  task: TrialTask
  observation: Observation
  /** What the file used when nothing held it back. */
  usage: Usage | undefined
  network: NetworkKind | undefined
  /** How many tests the file has. */
  tests: number | undefined
}

export type Subject = Pick<TrialTask, 'runner' | 'root' | 'file' | 'testName'>

/**
 * Looks at what the file does, and finds out whether the project has Glovebox in its configuration; otherwise it is put there.
 * Throws GLOVEBOX_CONFIG where the file cannot be run at all.
 */
export async function firstTrial(laboratory: Laboratory, subject: Subject): Promise<FirstTrial> {
  const { scratch } = laboratory
  const run = (include: boolean): Promise<TrialResult> =>
    laboratory.run({ ...subject, change: {}, include, scratch, observe: true, keepOutput: false })
  let include = false
  let result = await run(include)
  if (result.unsandboxed) {
    include = true
    result = await run(include)
  }
  if (result.outcome.kind === 'unusable') {
    throw new GloveboxError('GLOVEBOX_CONFIG', `${subject.file} cannot be run: ${result.outcome.reason}`)
  }
  return {
    task: { ...subject, change: {}, include, scratch, keepOutput: false },
    observation: result.observation ?? nothingSeen,
    usage: result.usage,
    network: result.network,
    tests: result.tests,
  }
}

/** Of a worker that was killed before it could write. */
const nothingSeen: Observation = { ports: [], talks: false, services: [], leftovers: [] }
