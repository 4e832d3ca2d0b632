import type { Usage } from '../verdict/usage.js'
import {
  type Arm,
  alphaOfALook,
  type Effect,
  type Experiment,
  effects,
  isMixed,
  rateOf,
} from './experiment.js'
import type { Dimension } from './perturbation.js'
import { differenceInterval, type Interval, type Tally, trials } from './statistics.js'

/** What the experiment says, in order of how well it is founded. */
export type Conclusion =
  /** Two arms with the same settings differ: this machine cannot tell. */
  | { kind: 'unreliable'; null: Finding }
  | { kind: 'depends'; findings: readonly [Finding, ...Finding[]] }
  /** It fails without a change, and nothing that was tried makes it pass. */
  | { kind: 'always-fails' }
  /** It fails sometimes, whatever is changed. */
  | { kind: 'flaky' }
  /** No trial failed, or so few under a change that it may be chance. */
  | { kind: 'stable' }
  /** Stopped before there was an answer. */
  | { kind: 'undecided' }

/** One change that makes a difference. */
export interface Finding {
  arm: Arm
  reference: Arm
  dimension: Dimension
  nature: Nature
  /** Corrected for the number of arms. */
  p: number
  /** Failure rate with the change minus that without it. */
  difference: number
  interval: Interval
}

/**
 * `breaks`: never fails without the change, always with it. `flaky-under`: fails sometimes with it. `worse`: fails without it, more often
 * with it. `needs`: always fails without the change, never with it. `better`: fails less often with it. `capacity`: the limit is below
 * what the test was seen to use.
 */
export type Nature = 'breaks' | 'flaky-under' | 'worse' | 'needs' | 'better' | 'capacity'

/** `complete`: whether the experiment ran to its own end. Pure. */
export function conclude(experiment: Experiment, complete: boolean, seen: Usage | undefined): Conclusion {
  const significant = effects(experiment).filter((effect) => effect.significant)
  const findings = byWeight(significant.map((effect) => toFinding(effect, seen)))
  const unreliable = findings.find(({ dimension }) => dimension === 'null')
  if (unreliable !== undefined) return { kind: 'unreliable', null: unreliable }
  const [first, ...rest] = findings
  if (first !== undefined) return { kind: 'depends', findings: [first, ...rest] }
  const { tally } = experiment.baseline
  if (isMixed(tally)) return { kind: 'flaky' }
  if (!complete) return { kind: 'undecided' }
  return { kind: tally.failed > 0 ? 'always-fails' : 'stable' }
}

/** Effects that are likely, but not beyond doubt; for partial answers. */
export function hints(experiment: Experiment): Effect[] {
  return effects(experiment).filter(({ p, significant }) => !significant && p < 10 * alphaOfALook)
}

function toFinding({ arm, reference, p }: Effect, seen: Usage | undefined): Finding {
  const { dimension } = arm.perturbation
  return {
    arm,
    reference,
    dimension,
    nature: isBelow(arm, seen) ? 'capacity' : natureOf(arm.tally, reference.tally),
    p,
    difference: rateOf(arm) - rateOf(reference),
    interval: differenceInterval(arm.tally, reference.tally),
  }
}

function natureOf(arm: Tally, reference: Tally): Nature {
  if (arm.failed / trials(arm) > reference.failed / trials(reference)) {
    if (reference.failed > 0) return 'worse'
    return arm.passed === 0 ? 'breaks' : 'flaky-under'
  }
  return arm.failed === 0 && reference.passed === 0 ? 'needs' : 'better'
}

/** A limit below what the file uses when nothing holds it back says how much it needs, not why it is flaky. */
function isBelow({ perturbation: { change } }: Arm, seen: Usage | undefined): boolean {
  const { memory, pids } = change.options?.limits ?? {}
  if (memory === '128MiB' && seen?.memoryPeak !== undefined) return seen.memoryPeak > 128 * 2 ** 20
  return typeof pids === 'number' && seen?.pidsPeak !== undefined && seen.pidsPeak > pids
}

/**
 * First what is no mere matter of capacity, then what is special: a test with a limit of time fails under everything that takes time, and
 * whatever needs its disk needs a CPU as well. Then what makes most difference, then what is surest.
 */
function byWeight(findings: readonly Finding[]): Finding[] {
  const strongest = Math.max(...findings.map(({ difference }) => Math.abs(difference)))
  const rank = ({ nature, difference, dimension }: Finding): number => {
    if (nature === 'capacity') return 4
    if (Math.abs(difference) < strongest / 2) return 3
    return slowing.get(dimension) ?? 0
  }
  return findings.toSorted(
    (a, b) => rank(a) - rank(b) || Math.abs(b.difference) - Math.abs(a.difference) || a.p - b.p,
  )
}

/** What slows down everything that a file does; last what does so only besides. */
const slowing: ReadonlyMap<Dimension, number> = new Map([
  ['cpu', 1],
  ['event-loop', 1],
  ['copies', 2],
  ['together', 2],
])
