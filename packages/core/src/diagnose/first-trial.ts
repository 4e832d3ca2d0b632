import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GloveboxError } from '../errors.js'
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
}

type Subject = Pick<TrialTask, 'runner' | 'root' | 'file' | 'testName'>

/**
 * Looks at what the file does, and finds out whether the project has Glovebox in its configuration; otherwise it is put there.
 * Throws GLOVEBOX_CONFIG where the file cannot be run at all.
 */
export async function firstTrial(laboratory: Laboratory, subject: Subject): Promise<FirstTrial> {
  // Made here, since the process of a trial may be killed. Not glovebox-…: the supervisor sweeps what is called like its own.
  const directory = mkdtempSync(join(tmpdir(), 'diagnosed-by-glovebox-'))
  try {
    return await look(laboratory, subject, directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function look(laboratory: Laboratory, subject: Subject, directory: string): Promise<FirstTrial> {
  const run = (include: boolean): Promise<TrialResult> =>
    laboratory.run({ ...subject, change: {}, include, observe: directory, keepOutput: false })
  let include = false
  let result = await run(include)
  if (result.unsandboxed) {
    include = true
    result = await run(include)
  }
  if (result.outcome.kind === 'unusable') {
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `${subject.file} cannot be diagnosed: ${result.outcome.reason}`,
    )
  }
  return {
    task: { ...subject, change: {}, include, keepOutput: false },
    observation: result.observation ?? { ports: [], leftovers: [] },
    usage: result.usage,
  }
}
