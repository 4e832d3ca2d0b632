import { groupsOf } from './groups.js'
import type { Perturbation } from './perturbation.js'
import { baseline } from './perturbations.js'
import { failureRate, fisherExact, holm, type Tally, trials } from './statistics.js'
import type { Failure, TrialOutcome } from './trial-types.js'

/*
 * The design of the experiment, pure. Trials are spent in stages; at the end of each the arms are looked at, and only those go on of which
 * it is not yet clear whether they differ. Looking several times would find something sooner or later: each look has a share of ALPHA.
 */

/** Probability of naming anything at all where there is nothing, over all arms and looks. */
const ALPHA = 0.05

/** Trials of an arm before each look at it (before the first: `Perturbation.first`), and of the baseline when arms are that far. */
export const steps = [
  { arm: 2, baseline: 6 },
  { arm: 6, baseline: 12 },
  { arm: 10, baseline: 12 },
  { arm: 20, baseline: 20 },
] as const

/** Looks at the data, at most: an arm may join at the second or third. */
export const looks = 6

export const alphaOfALook: number = ALPHA / looks

/** Mishaps that an arm may have once it had a trial: a runner that was killed for want of memory, say. */
const tolerated = 2

export interface Arm {
  perturbation: Perturbation
  tally: Tally
  /** Trials that are on their way. */
  running: number
  /** Trials that were begun: the number of the next one. */
  begun: number
  /** Whether it gets further trials. */
  active: boolean
  /** Looks that it went through. */
  age: number
  /** Trials that said nothing. */
  mishaps: number
  /** Why it could not be tried. */
  unusable?: string
  failures: readonly Failure[]
  /** For arms whose trials have seeds of their own: what came of each. */
  seeds: { failed: readonly number[]; passed: readonly number[] }
}

export interface Experiment {
  stage: number
  baseline: Arm
  arms: readonly Arm[]
  /** Tried only if something calls for them. */
  reserve: readonly Perturbation[]
}

/** A comparison of two arms. */
export interface Effect {
  arm: Arm
  /** What it was compared with. */
  reference: Arm
  /** Corrected for the number of arms, by Holm. */
  p: number
  significant: boolean
}

export function createExperiment(perturbations: readonly Perturbation[]): Experiment {
  const groups = groupsOf(perturbations)
  const waiting = new Set([...groups.flatMap(({ members = [] }) => members), ...controlsOf(perturbations)])
  // The baseline draws other random numbers each time anyway: while all of its trials agree, seeds tell nothing.
  const atOnce = ({ wave, id, varies }: Perturbation) =>
    wave === 0 && varies !== 'randomness' && !waiting.has(id)
  return {
    stage: 0,
    baseline: newArm(baseline),
    arms: [...perturbations.filter(atOnce), ...groups].map(newArm),
    reserve: perturbations.filter((each) => !atOnce(each)),
  }
}

/** Arms that are there only for others to be compared with. */
function controlsOf(perturbations: readonly Perturbation[]): string[] {
  return perturbations.flatMap(({ against }) => (against === undefined ? [] : [against]))
}

/** The arm that the next trial belongs to: the one that lags most. `undefined` when the stage has all that it needs. */
export function nextArm(experiment: Experiment): Arm | undefined {
  const lag = (arm: Arm) => (trials(arm.tally) + arm.running) / target(arm, experiment)
  return all(experiment)
    .filter((arm) => arm.active && arm.unusable === undefined && lag(arm) < 1)
    .sort((a, b) => lag(a) - lag(b))[0]
}

export function begin(experiment: Experiment, id: string): Experiment {
  return change(experiment, id, (arm) => ({ ...arm, running: arm.running + 1, begun: arm.begun + 1 }))
}

/** Counts a trial. `index`: its number within the arm. */
export function record(experiment: Experiment, id: string, index: number, outcome: TrialOutcome): Experiment {
  return change(experiment, id, (arm) => {
    const { tally, seeds } = arm
    const rest = { ...arm, running: arm.running - 1 }
    switch (outcome.kind) {
      case 'unusable': {
        const mishaps = arm.mishaps + 1
        const hopeless = mishaps > (trials(tally) === 0 ? 0 : tolerated)
        return { ...rest, mishaps, ...(hopeless && { unusable: outcome.reason }) }
      }
      case 'passed':
        return {
          ...rest,
          tally: { ...tally, passed: tally.passed + 1 },
          seeds: { ...seeds, passed: [...seeds.passed, index + 1] },
        }
      case 'failed':
        return {
          ...rest,
          tally: { ...tally, failed: tally.failed + 1 },
          seeds: { ...seeds, failed: [...seeds.failed, index + 1] },
          failures: [...arm.failures, ...outcome.failures],
        }
    }
  })
}

/** Every arm against the baseline, or against what it names, with p corrected for their number. */
export function effects({ arms, baseline }: Experiment): Effect[] {
  const usable = arms.filter(
    (arm) => arm.unusable === undefined && trials(arm.tally) > 0 && arm.perturbation.members === undefined,
  )
  const pairs = usable.map((arm) => ({ arm, reference: find(arms, arm.perturbation.against) ?? baseline }))
  const adjusted = holm(pairs.map(({ arm, reference }) => fisherExact(arm.tally, reference.tally)))
  return pairs.map((pair, index) => {
    const p = adjusted[index] ?? 1
    return { ...pair, p, significant: p < alphaOfALook }
  })
}

/** All trials without a change. */
export function unchanged({ arms, baseline }: Experiment): Tally {
  const same = arms.filter(({ perturbation: { id } }) => id === 'null')
  return [baseline, ...same].reduce(
    (sum, { tally }) => ({ failed: sum.failed + tally.failed, passed: sum.passed + tally.passed }),
    { failed: 0, passed: 0 },
  )
}

/** Fails sometimes, but not always. */
export function isMixed(tally: Tally): boolean {
  return tally.failed > 0 && tally.passed > 0
}

/**
 * Where the baseline is mixed already, two trials of another arm would tell nothing: chance is the first suspect then, and what is no matter
 * of seeds waits for a later stage.
 */
function target({ perturbation, age }: Arm, { baseline }: Experiment): number {
  const step = steps[Math.min(age, steps.length - 1)] ?? steps[0]
  if (perturbation.id === baseline.perturbation.id) return step.baseline
  // Where none of the first seeds decided anything, all are tried at once: single ones are looked at afterwards, and looks are few.
  if (perturbation.varies === 'randomness' && age > 0) return steps[steps.length - 1]?.arm ?? step.arm
  if (age === 0 && isMixed(baseline.tally) && perturbation.varies === undefined && perturbation.wave === 0)
    return 1
  return age === 0 ? perturbation.first : Math.max(step.arm, perturbation.first)
}

export function newArm(perturbation: Perturbation): Arm {
  return {
    perturbation,
    tally: { failed: 0, passed: 0 },
    running: 0,
    begun: 0,
    mishaps: 0,
    active: true,
    age: 0,
    failures: [],
    seeds: { failed: [], passed: [] },
  }
}

function all({ baseline, arms }: Experiment): Arm[] {
  return [baseline, ...arms]
}

function find(arms: readonly Arm[], id: string | undefined): Arm | undefined {
  return id === undefined ? undefined : arms.find(({ perturbation }) => perturbation.id === id)
}

function change(experiment: Experiment, id: string, edit: (arm: Arm) => Arm): Experiment {
  const apply = (arm: Arm) => (arm.perturbation.id === id ? edit(arm) : arm)
  return {
    ...experiment,
    baseline: apply(experiment.baseline),
    arms: experiment.arms.map(apply),
  }
}

/** Share of failures, for sorting: an arm without trials never failed. */
export function rateOf({ tally }: Arm): number {
  return trials(tally) === 0 ? 0 : failureRate(tally)
}
