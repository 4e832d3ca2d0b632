import type { Arm } from './experiment.js'
import { differenceInterval, rateInterval, trials } from './statistics.js'
import { type Answer, causeOf, failing, repro } from './words.js'

/** The answer as one JSON document; docs/diagnose.md has its keys. */
export function answerJson(answer: Answer): string {
  const { conclusion, experiment } = answer
  const findings = conclusion.kind === 'depends' ? conclusion.findings : []
  const [first] = findings
  const document = {
    version: 1,
    file: answer.file,
    ...(answer.testName !== undefined && { test: answer.testName }),
    runner: answer.runner,
    conclusion: conclusion.kind,
    ...(first !== undefined && {
      cause: first.dimension,
      dependsOn: causeOf(first.dimension),
      repro: repro(answer, failing(first)),
    }),
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
      dimension: arm.perturbation.dimension,
      ...(arm.unusable === undefined && trials(arm.tally) > 0
        ? { interval: differenceInterval(arm.tally, experiment.baseline.tally) }
        : { notTried: arm.unusable ?? 'stopped before' }),
    })),
    ...(answer.stopped !== undefined && { stopped: answer.stopped }),
    took: Math.round(answer.took),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function armOf({ perturbation, tally, failures }: Arm): object {
  return {
    id: perturbation.id,
    ...tally,
    rate: rateInterval(tally),
    ...(failures[0] !== undefined && { failure: failures[0] }),
  }
}
