import {
  type Arm,
  type Effect,
  type Experiment,
  effects,
  isMixed,
  looks,
  newArm,
  steps,
} from './experiment.js'
import type { Dimension, Perturbation } from './perturbation.js'
import { orderBySeed, randomBySeed } from './perturbations.js'
import { fisherExact, trials } from './statistics.js'

/** An arm that differs less than this from what it is compared with is not followed up: with, and without, a cause known. */
const followed = { alone: 0.3, besideACause: 0.05 }

/** Ends a stage. `undefined`: there is nothing more to find out. */
export function advance(experiment: Experiment): Experiment | undefined {
  const { arms, reserve } = experiment
  if (experiment.stage + 1 === looks) return undefined
  const found = effects(experiment)
  const causes = found.filter(({ significant, arm }) => significant && arm.perturbation.dimension !== 'null')
  // Where it fails now and then as it is, chance is the first suspect: if a seed decides, the rest need not be tried at length.
  const seeds = found.flatMap(({ arm }) => singleSeeds(arm, arms))
  if (seeds.length > 0 && causes.length === 0 && isMixed(experiment.baseline.tally)) {
    return nextStage(experiment, [], seeds)
  }
  const matter = new Set(causes.map(({ arm }) => arm.perturbation.dimension))
  const open = openEffects(experiment, found, matter)
  const members = new Set(suspectMembers(experiment))
  const joining = reserve.filter(({ wave, id, dimension }) =>
    wave === 1 ? matter.has(dimension) : causes.length === 0 && members.has(id),
  )
  if (open.length + joining.length + seeds.length === 0) return undefined
  const continued = open.flatMap(({ arm, reference }) => [arm, reference])
  return nextStage(experiment, continued, [...joining, ...seeds])
}

/** Arms of which it is not yet clear whether they differ. */
function openEffects(
  { baseline }: Experiment,
  found: readonly Effect[],
  matter: ReadonlySet<Dimension>,
): Effect[] {
  const unclear = matter.size === 0 && isMixed(baseline.tally)
  const limit = matter.size > 0 ? followed.besideACause : followed.alone
  return found.filter(
    ({ arm, reference, significant }) =>
      !significant &&
      arm.age + 1 < steps.length &&
      (!matter.has(arm.perturbation.dimension) || arm.perturbation.against !== undefined) &&
      (fisherExact(arm.tally, reference.tally) < limit || (unclear && isUntold(arm))),
  )
}

/** Whether an arm has had too few trials to tell anything beside a mixed baseline: of seeds, one that fails and one that passes are wanted. */
function isUntold({ tally, perturbation: { varies } }: Arm): boolean {
  return trials(tally) < steps[1].arm || (varies === 'randomness' && !isMixed(tally))
}

function nextStage(
  { stage, baseline, arms, reserve }: Experiment,
  continued: readonly Arm[],
  joining: readonly Perturbation[],
): Experiment {
  return {
    stage: stage + 1,
    baseline: { ...baseline, age: baseline.age + 1 },
    arms: [
      ...arms.map((arm) => ({
        ...arm,
        age: arm.active ? arm.age + 1 : arm.age,
        active: continued.includes(arm),
      })),
      ...joining.map(newArm),
    ],
    reserve: reserve.filter((each) => !joining.includes(each)),
  }
}

/** Members of the groups that make a difference; of all where the file fails as it is, since then one may hide another. */
function suspectMembers({ arms, baseline }: Experiment): string[] {
  return arms
    .filter(({ tally, unusable }) => {
      const differs = fisherExact(tally, baseline.tally) < followed.alone
      return differs || baseline.tally.failed > 0 || unusable !== undefined
    })
    .flatMap(({ perturbation }) => perturbation.members ?? [])
}

/**
 * Of an arm that had another seed each time, one seed that failed and one that passed: run again and again, they show whether it is the
 * seed that decides. Their first outcome, by which they were chosen, does not count.
 */
function singleSeeds({ perturbation: { varies }, seeds, tally }: Arm, arms: readonly Arm[]): Perturbation[] {
  const [failing] = seeds.failed
  const [passing] = seeds.passed
  if (varies === undefined || failing === undefined || passing === undefined || !isMixed(tally)) return []
  const make = varies === 'order' ? orderBySeed : randomBySeed
  if (arms.some(({ perturbation }) => perturbation.id.startsWith(`${make(0).id.slice(0, -1)}`))) return []
  const good = make(passing)
  return [good, { ...make(failing), against: good.id }]
}
