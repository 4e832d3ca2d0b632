import type { Conclusion, Nature } from './conclude.js'
import { type Arm, type Effect, type Experiment, effects } from './experiment.js'
import type { Suspect } from './patterns.js'
import type { Dimension } from './perturbation.js'
import { failing, repro } from './repro.js'
import type { Setting } from './setting.js'
import { differenceInterval, type Interval, rateInterval, trials } from './statistics.js'
import type { Failure } from './trial-types.js'
import { type Answer, causeOf, headline, mostFrequentFailure } from './words.js'

/** The answer as plain data; docs/diagnose.md has its keys. The page is made of nothing else. */
export interface AnswerDocument {
  version: 1
  file: string
  test?: string
  runner: string
  conclusion: Conclusion['kind']
  /** The answer in one sentence. */
  verdict: string
  /** With `depends` only. */
  cause?: Dimension
  dependsOn?: string
  /** A command that makes it fail; absent where it never failed, or where there is no answer. */
  repro?: string
  /** What it fails with most often. */
  failure?: Failure
  findings: FindingDocument[]
  suspects: readonly Suspect[]
  baseline: ArmDocument
  arms: ArmDocument[]
  stopped?: 'budget' | 'interrupted'
  /** Milliseconds. */
  took: number
  setting: Setting
}

export interface FindingDocument {
  arm: string
  against: string
  dimension: Dimension
  nature: Nature
  p: number
  difference: number
  interval: Interval
}

export interface ArmDocument {
  id: string
  /** Completes "fails …". */
  label: string
  dimension: Dimension
  failed: number
  passed: number
  /** Wilson's interval of the failure rate, 95 %. */
  rate: Interval
  /** Newcombe's interval of the difference to the baseline, 95 %. */
  interval?: Interval
  /** Corrected for the number of arms; absent for groups of changes, which are no evidence. */
  p?: number
  /** Whether it makes a difference beyond doubt. */
  significant?: boolean
  /** The first one. */
  failure?: Failure
  /** Of a group of changes: what it changes at once, by their ids. */
  members?: readonly string[]
  /** Theirs, each once. */
  dimensions?: readonly Dimension[]
  /** Why there were no trials. */
  notTried?: string
}

export function answerJson(answer: Answer): string {
  return `${JSON.stringify(answerDocument(answer), undefined, 2)}\n`
}

/** Pure. */
export function answerDocument(answer: Answer): AnswerDocument {
  const { conclusion, experiment, testName, stopped } = answer
  const findings = conclusion.kind === 'depends' ? conclusion.findings : []
  const [first] = findings
  const failure = mostFrequentFailure(first === undefined ? experiment.baseline : failing(first))
  const line = repro(answer)
  const compared = new Map(effects(experiment).map((effect) => [effect.arm, effect]))
  return {
    version: 1,
    file: answer.file,
    ...(testName !== undefined && { test: testName }),
    runner: answer.runner,
    conclusion: conclusion.kind,
    verdict: headline(answer),
    ...(first !== undefined && {
      cause: first.dimension,
      dependsOn: causeOf(first.dimension),
    }),
    ...(line !== undefined && { repro: line }),
    ...(failure !== undefined && { failure }),
    findings: findings.map(({ arm, reference, dimension, nature, p, difference, interval }) => ({
      arm: arm.perturbation.id,
      against: reference.perturbation.id,
      dimension,
      nature,
      p,
      difference,
      interval,
    })),
    suspects: answer.suspects,
    baseline: armOf(experiment.baseline),
    arms: experiment.arms.map((arm) => ({
      ...armOf(arm),
      ...dimensionsOf(arm, experiment),
      ...(arm.unusable === undefined && trials(arm.tally) > 0
        ? {
            interval: differenceInterval(arm.tally, experiment.baseline.tally),
            ...comparison(compared.get(arm)),
          }
        : { notTried: arm.unusable ?? 'stopped before' }),
    })),
    ...(stopped !== undefined && { stopped }),
    took: Math.round(answer.took),
    setting: answer.setting,
  }
}

/** Of a group, the dimensions of its members; those that were not tried one by one are in reserve to the end. */
function dimensionsOf(
  { perturbation: { members } }: Arm,
  { arms, reserve }: Experiment,
): Pick<ArmDocument, 'dimensions'> {
  if (members === undefined) return {}
  const all = [...arms.map(({ perturbation }) => perturbation), ...reserve]
  return {
    dimensions: [...new Set(all.filter(({ id }) => members.includes(id)).map(({ dimension }) => dimension))],
  }
}

function comparison(effect: Effect | undefined): Pick<ArmDocument, 'p' | 'significant'> {
  return effect === undefined ? {} : { p: effect.p, significant: effect.significant }
}

function armOf({ perturbation: { id, label, dimension, members }, tally, failures }: Arm): ArmDocument {
  return {
    id,
    label,
    dimension,
    ...(members !== undefined && { members }),
    ...tally,
    rate: rateInterval(tally),
    ...(failures[0] !== undefined && { failure: failures[0] }),
  }
}
