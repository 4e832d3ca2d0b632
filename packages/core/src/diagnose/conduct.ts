import { advance } from './advance.js'
import { begin, createExperiment, type Experiment, nextArm, record } from './experiment.js'
import type { Laboratory } from './laboratory.js'
import type { Perturbation } from './perturbation.js'
import { changeOf } from './perturbations.js'
import type { TrialOutcome, TrialResult, TrialTask } from './trial-types.js'

export interface Conducting {
  laboratory: Laboratory
  /** Trials at once. */
  jobs: number
  perturbations: readonly Perturbation[]
  /** A trial without any change. */
  task: TrialTask
  /** Ends the experiment early. */
  signal: AbortSignal
  onProgress(experiment: Experiment): void
}

export interface Conducted {
  experiment: Experiment
  /** Whether it ran to its own end. */
  complete: boolean
}

/** Runs the experiment: hands trials to the laboratory as the design asks for them. Never rejects. */
export async function conduct(input: Conducting): Promise<Conducted> {
  const { jobs, perturbations, signal, onProgress } = input
  let experiment: Experiment = createExperiment(perturbations)
  const running = new Set<Promise<void>>()
  function start(): boolean {
    const arm = nextArm(experiment)
    if (arm === undefined) return false
    const { id } = arm.perturbation
    const index = arm.begun
    experiment = begin(experiment, id)
    const trial = attempt(input, changeOf(arm.perturbation, index)).then((outcome) => {
      running.delete(trial)
      if (signal.aborted) return
      experiment = record(experiment, id, index, outcome)
      onProgress(experiment)
    })
    running.add(trial)
    return true
  }

  while (!signal.aborted) {
    while (running.size < jobs && start());
    if (running.size > 0) {
      await Promise.race(running)
      continue
    }
    const next = advance(experiment)
    if (next === undefined) return { experiment, complete: true }
    experiment = next
  }
  return { experiment, complete: false }
}

async function attempt({ laboratory, task }: Conducting, change: TrialTask['change']): Promise<TrialOutcome> {
  try {
    const { outcome }: TrialResult = await laboratory.run({ ...task, change })
    return outcome
  } catch (error) {
    return { kind: 'unusable', reason: (error as Error).message }
  }
}
