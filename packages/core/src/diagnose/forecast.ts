import { type Arm, type Experiment, rateOf } from './experiment.js'
import { playOut } from './play-out.js'
import { trials } from './statistics.js'
import type { TrialOutcome } from './trial-types.js'

/**
 * How many trials the experiment still needs, those that run included, if every arm goes on failing as often as it has so far; of what has
 * not been tried, as often as the baseline. Later stages are part of it, so that it changes with what is found. Pure.
 */
export function forecast(experiment: Experiment): number {
  const rates = new Map(
    [experiment.baseline, ...experiment.arms].map((arm) => [
      arm.perturbation.id,
      expectedRate(arm, experiment),
    ]),
  )
  const { baseline } = experiment
  const rateFor = ({ perturbation: { id } }: Arm) => rates.get(id) ?? rateOf(baseline)
  return playOut(withoutRunning(experiment), (arm) => likeliest(arm, rateFor(arm))).trials
}

function expectedRate(arm: Arm, { baseline }: Experiment): number {
  return rateOf(trials(arm.tally) === 0 ? baseline : arm)
}

/** The outcome that keeps the arm nearest to the rate. */
function likeliest({ tally }: Arm, rate: number): TrialOutcome {
  const wanted = rate * (trials(tally) + 1)
  return wanted - tally.failed >= 0.5 ? { kind: 'failed', failures: [] } : { kind: 'passed' }
}

/** They are played anew. */
function withoutRunning(experiment: Experiment): Experiment {
  const halted = (arm: Arm): Arm => ({ ...arm, running: 0, begun: arm.begun - arm.running })
  return { ...experiment, baseline: halted(experiment.baseline), arms: experiment.arms.map(halted) }
}
