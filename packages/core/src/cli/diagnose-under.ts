import type { Laboratory } from '../diagnose/laboratory.js'
import type { Perturbation } from '../diagnose/perturbation.js'
import { changeOf } from '../diagnose/perturbations.js'
import type { TrialTask } from '../diagnose/trial-types.js'
import { GloveboxError } from '../errors.js'
import type { Progress } from './diagnose-progress.js'
import { ofSignal } from './exit-status.js'

/** A failure that does not come in so many runs is no repro. */
const most = 20

export interface RepeatInput {
  laboratory: Laboratory
  task: TrialTask
  perturbation: Perturbation
  signal: AbortSignal
  progress: Progress
}

/** Runs the file under one change until it fails, and shows what the runner printed then. Resolves with the exit status. */
export async function repeatUnder(input: RepeatInput): Promise<number> {
  const { laboratory, task, perturbation, signal, progress } = input
  let passed = 0
  for (; passed < most && !signal.aborted; passed++) {
    progress.say(`${perturbation.id}: ${passed} of ${most} passed`)
    const change = changeOf(perturbation, passed)
    const result = await laboratory.run({ ...task, change, keepOutput: true }).catch((error: Error) => {
      if (!signal.aborted) throw error
    })
    if (!result) break
    const { outcome, output = '' } = result
    if (outcome.kind === 'passed') continue
    progress.end()
    if (outcome.kind === 'unusable') {
      throw new GloveboxError('GLOVEBOX_CONFIG', `--under ${perturbation.id}: ${outcome.reason}`)
    }
    const [failure] = outcome.failures
    process.stdout.write(`${output.trimEnd()}\n\n`)
    process.stdout.write(
      `Failed in run ${passed + 1} ${perturbation.label}: ${failure?.test}: ${failure?.message}\n`,
    )
    return 1
  }
  progress.end()
  process.stdout.write(`Passed ${passed} of ${passed} times ${perturbation.label}.\n`)
  return signal.aborted ? ofSignal('SIGINT') : 0
}
