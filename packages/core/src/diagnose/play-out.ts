import { advance } from './advance.js'
import { type Arm, begin, type Experiment, nextArm, record } from './experiment.js'
import type { TrialOutcome } from './trial-types.js'

/** No experiment has so many trials. */
const most = 5000

export interface PlayedOut {
  experiment: Experiment
  /** How many were played. */
  trials: number
}

/** Brings an experiment to its end by the rules of the real one, with made-up outcomes; `count` numbers the trials from 0, `now` is how things stand. */
export function playOut(
  experiment: Experiment,
  outcomeOf: (arm: Arm, count: number, now: Experiment) => TrialOutcome,
): PlayedOut {
  let played = experiment
  let count = 0
  while (count < most) {
    const arm = nextArm(played)
    if (arm === undefined) {
      const next = advance(played)
      if (next === undefined) return { experiment: played, trials: count }
      played = next
      continue
    }
    const { id } = arm.perturbation
    played = record(begin(played, id), id, arm.begun, outcomeOf(arm, count, played))
    count++
  }
  throw new Error('the experiment has no end')
}
