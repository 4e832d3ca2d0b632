import { createExperiment, type Experiment } from './experiment.js'
import type { Change, Perturbation } from './perturbation.js'
import { changeOf } from './perturbations.js'
import { playOut } from './play-out.js'
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
  const { experiment } = playOut(createExperiment(perturbations), ({ perturbation, begun }, count) => {
    const { id, members = [id] } = perturbation
    const change = changeOf(perturbation, begun)
    const outcomes = members.map((each) => world(each, change, count))
    const failed = outcomes.includes(true) || (outcomes.includes('unusable') && 'unusable')
    const outcome: TrialOutcome =
      failed === 'unusable'
        ? { kind: 'unusable', reason: 'not here' }
        : failed
          ? { kind: 'failed', failures: [{ test: 'adds', message: `broken by ${id}` }] }
          : { kind: 'passed' }
    onTrial({ perturbation, index: begun, outcome })
    return outcome
  })
  return experiment
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
