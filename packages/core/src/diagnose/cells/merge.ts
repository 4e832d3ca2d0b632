import { type Conclusion, conclude, type Finding, hints } from '../conclude.js'
import { type Arm, alphaOfALook, type Experiment, newArm, rateOf } from '../experiment.js'
import { suspects } from '../patterns.js'
import type { Setting } from '../setting.js'
import { differenceInterval, fisherExact } from '../statistics.js'
import type { Answer } from '../words.js'
import { checkParts, type NamedPart } from './check-parts.js'
import type { Part } from './part.js'

/**
 * The answer of an experiment from the parts of all its cells: the one that a single machine would give to the same trials, since it is drawn from
 * their sums by the same functions. Throws GLOVEBOX_CONFIG where parts do not belong together. Pure.
 */
export function mergeParts(named: readonly [NamedPart, ...NamedPart[]]): Answer {
  checkParts(named)
  const parts = named.map(({ part }) => part).sort((a, b) => a.cell.index - b.cell.index)
  const [{ part: any }] = named
  const experiment = poolExperiments(parts)
  const stopped = parts.map((part) => part.stopped).find((reason) => reason !== undefined)
  const usage = parts.map((part) => part.usage).find((each) => each !== undefined)
  const conclusion =
    differingMachines(parts, experiment) ?? conclude(experiment, stopped === undefined, usage)
  const cause = conclusion.kind === 'depends' ? conclusion.findings[0].dimension : 'null'
  return {
    file: any.file,
    testName: any.testName,
    runner: any.runner,
    experiment,
    conclusion,
    suspects: suspects(any.source, cause),
    hints: hints(experiment),
    stopped,
    took: Math.max(...parts.map(({ took }) => took)),
    setting: joinSettings(any.setting, parts),
  }
}

/** All trials of all cells: what several of them tried, the baseline and the null arm, is summed up. */
export function poolExperiments(parts: readonly Part[]): Experiment {
  const arms = new Map<string, Arm>()
  for (const { cell, experiment } of parts) {
    for (const arm of experiment.arms) {
      const own = inCell(arm, cell.index)
      const { id } = own.perturbation
      arms.set(id, poolArms(arms.get(id), own))
    }
  }
  const baselines = parts.map(({ experiment }) => experiment.baseline)
  return {
    stage: Math.max(...parts.map(({ experiment }) => experiment.stage)),
    baseline: baselines.reduce<Arm | undefined>(poolArms, undefined) as Arm,
    arms: [...arms.values()],
    reserve: parts.flatMap(({ experiment }) => experiment.reserve),
  }
}

/** A group holds what its cell could put together, so that groups of two cells are different changes. */
function inCell(arm: Arm, index: number): Arm {
  const { perturbation } = arm
  if (perturbation.members === undefined) return arm
  return { ...arm, perturbation: { ...perturbation, id: `${perturbation.id} of cell ${index}` } }
}

function poolArms(one: Arm | undefined, other: Arm): Arm {
  if (one === undefined) return other
  const { unusable: _, ...rest } = one
  // One cell could not do what another could: what was tried counts.
  const unusable = one.unusable !== undefined && other.unusable !== undefined ? one.unusable : undefined
  return {
    ...rest,
    tally: {
      failed: one.tally.failed + other.tally.failed,
      passed: one.tally.passed + other.tally.passed,
    },
    begun: one.begun + other.begun,
    mishaps: one.mishaps + other.mishaps,
    failures: [...one.failures, ...other.failures],
    seeds: {
      failed: [...one.seeds.failed, ...other.seeds.failed],
      passed: [...one.seeds.passed, ...other.seeds.passed],
    },
    ...(unusable !== undefined && { unusable }),
  }
}

/** Where the baselines of machines differ, their trials must not be summed up: each cell's is held against those of the others. */
function differingMachines(parts: readonly Part[], { baseline }: Experiment): Conclusion | undefined {
  const { perturbation, tally: all } = baseline
  const findings = parts.map(({ cell, experiment: { baseline: own } }): Finding => {
    const tally = { failed: all.failed - own.tally.failed, passed: all.passed - own.tally.passed }
    const arm = { ...newArm({ ...perturbation, id: `cell=${cell.index}` }), tally: own.tally }
    const reference = { ...newArm({ ...perturbation, id: 'other cells' }), tally }
    return {
      arm,
      reference,
      dimension: 'null',
      nature: 'worse',
      p: Math.min(1, fisherExact(arm.tally, reference.tally) * parts.length),
      difference: rateOf(arm) - rateOf(reference),
      interval: differenceInterval(arm.tally, reference.tally),
    }
  })
  const [first] = findings.filter(({ p }) => p < alphaOfALook).sort((a, b) => a.p - b.p)
  return first === undefined ? undefined : { kind: 'unreliable', null: first }
}

function joinSettings(setting: Setting, parts: readonly Part[]): Setting {
  return {
    ...setting,
    date: parts.map((part) => part.setting.date).sort()[0] ?? setting.date,
    cells: parts.map(({ cell, took, experiment, setting: { jobs, machine } }) => ({
      index: cell.index,
      jobs,
      machine,
      took: Math.round(took),
      baseline: experiment.baseline.tally,
    })),
  }
}
