import {
  type Arm,
  type Effect,
  type Experiment,
  effects,
  isMixed,
  looks,
  newArm,
  steps,
  unchanged,
} from './experiment.js'
import type { Dimension, Perturbation } from './perturbation.js'
import { orderBySeed, randomBySeed } from './perturbations.js'
import { fisherExact, trials } from './statistics.js'

/** An arm that differs less than this from what it is compared with is not followed up: with, and without, a cause known. */
const followed = { alone: 0.3, besideACause: 0.1 }

/** Ends a stage. `undefined`: there is nothing more to find out. */
export function advance(experiment: Experiment): Experiment | undefined {
  const { arms, baseline, reserve } = experiment
  if (experiment.stage + 1 === looks) return undefined
  const found = effects(experiment)
  const causes = found.filter(({ significant, arm }) => significant && arm.perturbation.dimension !== 'null')
  // Where it fails now and then as it is, chance is the first suspect, and a machine that is too busy the second: if a seed decides, or
  // how much of the CPU it gets, the rest need not be tried at length.
  const seeds = found.flatMap(({ arm }) => singleSeeds(arm, arms))
  if (causes.length === 0 && isMixed(unchanged(experiment))) {
    const random = reserve.filter(({ varies }) => varies !== undefined)
    const further = arms.filter((arm) => failsWhenSlow(arm) || seeksSeeds(arm))
    if (seeds.length + random.length + further.length > 0)
      return nextStage(experiment, further, [...random, ...seeds])
  }
  const matter = new Set(causes.map(({ arm }) => arm.perturbation.dimension))
  const suspects = causes.length === 0 ? suspectMembers(experiment) : new Map<string, number>()
  const open = openEffects(experiment, found, matter)
  const references = new Set(open.map(({ arm }) => arm.perturbation.against))
  const joining = reserve.flatMap((each): Perturbation[] => {
    if (each.wave === 1 ? matter.has(each.dimension) : references.has(each.id)) return [each]
    const first = suspects.get(each.id)
    return first === undefined ? [] : [{ ...each, first }]
  })
  const continued = open.flatMap(({ arm, reference }) => [arm, reference])
  if (continued.length + joining.length + seeds.length > 0)
    return nextStage(experiment, continued, [...joining, ...seeds])
  // Something failed that nothing explains: perhaps it fails without a change, if seldom.
  const unexplained = causes.length === 0 && baseline.tally.failed === 0 && arms.some(hasFailed)
  return unexplained && baseline.age + 1 < steps.length ? nextStage(experiment, [], []) : undefined
}

/** Whether the file always failed so far while everything was slower. */
function failsWhenSlow({ perturbation: { dimension }, tally, age }: Arm): boolean {
  const slower = dimension === 'cpu' || dimension === 'event-loop'
  return slower && tally.failed > 0 && tally.passed === 0 && age + 1 < steps.length
}

/** Whether other seeds may yet do what none did so far: the file fails for a few of them, or passes. */
function seeksSeeds({ perturbation: { varies }, tally, age }: Arm): boolean {
  return varies === 'randomness' && !isMixed(tally) && age + 1 < steps.length
}

/** Arms of which it is not yet clear whether they differ. */
function openEffects(
  experiment: Experiment,
  found: readonly Effect[],
  matter: ReadonlySet<Dimension>,
): Effect[] {
  const unclear = matter.size === 0 && isMixed(unchanged(experiment))
  const riddles = matter.size === 0 ? unexplainedMembers(experiment) : new Set<string>()
  const limit = matter.size > 0 ? followed.besideACause : followed.alone
  return found.filter(
    ({ arm, reference, significant }) =>
      !significant &&
      arm.age + 1 < steps.length &&
      (!matter.has(arm.perturbation.dimension) || arm.perturbation.against !== undefined) &&
      (fisherExact(arm.tally, reference.tally) < limit ||
        (unclear && trials(arm.tally) < steps[1].arm) ||
        (riddles.has(arm.perturbation.id) && trials(arm.tally) < steps[1].arm)),
  )
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
    reserve: reserve.filter(({ id }) => !joining.some((each) => each.id === id)),
  }
}

/** Groups that make a difference; all of them where the file fails as it is, since then one change may hide another. */
function suspectGroups({ arms, baseline }: Experiment): Arm[] {
  return arms.filter(
    ({ perturbation: { members }, tally, unusable }) =>
      members !== undefined &&
      (fisherExact(tally, baseline.tally) < followed.alone ||
        baseline.tally.failed > 0 ||
        unusable !== undefined),
  )
}

/** Members of these groups, and how many trials each has at first: where the group always fails, one shows which of them does. */
function suspectMembers(experiment: Experiment): Map<string, number> {
  const never = experiment.baseline.tally.failed === 0
  return new Map(
    suspectGroups(experiment).flatMap(({ perturbation: { members = [], first }, tally, unusable }) => {
      const always = never && tally.passed === 0 && unusable === undefined
      return members.map((id): [string, number] => [id, always ? 1 : first])
    }),
  )
}

/** Members of groups that fail, where none of the members did. */
function unexplainedMembers(experiment: Experiment): Set<string> {
  const failed = new Set(experiment.arms.filter(hasFailed).map(({ perturbation: { id } }) => id))
  return new Set(
    suspectGroups(experiment)
      .filter((group) => hasFailed(group))
      .map(({ perturbation: { members = [] } }) => members)
      .filter((members) => !members.some((id) => failed.has(id)))
      .flat(),
  )
}

function hasFailed({ tally }: Arm): boolean {
  return tally.failed > 0
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
