import { advance } from './advance.js'
import { begin, createExperiment, type Experiment, nextArm, record } from './experiment.js'
import type { Change, Perturbation } from './perturbation.js'
import { changeOf } from './perturbations.js'
import type { TrialOutcome } from './trial-types.js'

/** Says whether a trial fails; `count` numbers all trials. */
export type World = (id: string, change: Change, count: number) => boolean | 'unusable'

/** One trial: of which arm, which of its trials, and what came of it. */
export interface Attempt {
  perturbation: Perturbation
  index: number
  outcome: TrialOutcome
}

/** Runs an experiment to its end in a made-up world, in which a group of changes fails if one of them does. */
export function simulate(
  perturbations: readonly Perturbation[],
  world: World,
  onTrial: (attempt: Attempt) => void = () => {},
): Experiment {
  let experiment = createExperiment(perturbations)
  for (let count = 0; count < 5000; count++) {
    const arm = nextArm(experiment)
    if (arm === undefined) {
      const next = advance(experiment)
      if (next === undefined) return experiment
      experiment = next
      continue
    }
    const { id, members = [id] } = arm.perturbation
    const change = changeOf(arm.perturbation, arm.begun)
    const outcomes = members.map((each) => world(each, change, count))
    const failed = outcomes.includes(true) || (outcomes.includes('unusable') && 'unusable')
    const outcome: TrialOutcome =
      failed === 'unusable'
        ? { kind: 'unusable', reason: 'not here' }
        : failed
          ? { kind: 'failed', failures: [{ test: 'adds', message: `broken by ${id}` }] }
          : { kind: 'passed' }
    onTrial({ perturbation: arm.perturbation, index: arm.begun, outcome })
    experiment = record(begin(experiment, id), id, arm.begun, outcome)
  }
  throw new Error('the experiment has no end')
}

/** A generator of evenly spread numbers below 1 that is the same in every run (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
