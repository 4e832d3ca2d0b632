import { parseCount } from '../config/units.js'
import { openLaboratory } from '../diagnose/laboratory.js'
import type { Perturbation } from '../diagnose/perturbation.js'
import {
  baseline,
  type Circumstances,
  changeOf,
  perturbationCalled,
  perturbationsFor,
} from '../diagnose/perturbations.js'
import type { Failure, TrialResult } from '../diagnose/trial-types.js'
import { GloveboxError } from '../errors.js'
import { chooseRunner, locate } from './diagnose-input.js'
import { showProgress } from './diagnose-progress.js'
import { examine } from './examine.js'
import { ofSignal } from './exit-status.js'
import { stopper } from './stopper.js'
import type { TestRun } from './test-file.js'

/** How the runs of a file ended, one after the other. */
interface Outcome {
  /** Runs that passed before the last one failed, or before they were all. */
  passed: number
  /** What the runner printed in the last run. */
  output: string
  /** Of the last one. */
  failure?: Failure | undefined
  failed: boolean
}

/**
 * Runs a test file as trials of a diagnosis are run, with or without one change, until it fails or has been run so often; prints what the
 * runner printed in the last run, and what came of it. Resolves with the exit status. Throws GLOVEBOX_CONFIG.
 */
export async function runTest({ file, flags }: TestRun): Promise<number> {
  const times = timesOf(flags.times)
  const place = locate(file, process.cwd())
  const runner = chooseRunner(place.root, flags.runner)
  const { testNamePattern: testName, under = baseline.id } = flags
  const stop = stopper()
  const laboratory = openLaboratory(place.root, 1, stop.signal)
  const progress = showProgress(process.stderr)
  try {
    progress.say('a first look at what the file does')
    const subject = { runner, ...place, ...(testName !== undefined && { testName }) }
    const examined = await examine(laboratory, subject, stop.signal)
    if (examined === undefined) return ofSignal('SIGINT')
    const perturbation = perturbationCalled(under, examined.circumstances)
    if (perturbation === undefined) throw unknownChange(under, examined.circumstances)
    const once = async (index: number): Promise<TrialResult | undefined> => {
      progress.say(`${under}: ${index} of ${times} passed`)
      const task = { ...examined.first.task, change: changeOf(perturbation, index), keepOutput: true }
      return await laboratory.run(task).catch((error: Error) => {
        if (!stop.signal.aborted) throw error
        return undefined
      })
    }
    const outcome = await untilItFails(times, under, once)
    progress.end()
    process.stdout.write(outcomeText(outcome, perturbation))
    return outcome.failed ? 1 : stop.signal.aborted ? ofSignal('SIGINT') : 0
  } finally {
    progress.end()
    stop.end()
    await laboratory.close()
  }
}

/** `once` resolves with nothing if it was interrupted. */
async function untilItFails(
  times: number,
  under: string,
  once: (index: number) => Promise<TrialResult | undefined>,
): Promise<Outcome> {
  let printed = ''
  for (let passed = 0; passed < times; passed++) {
    const result = await once(passed)
    if (result === undefined) return { passed, output: printed, failed: false }
    const { outcome, output = '' } = result
    printed = output
    if (outcome.kind === 'unusable')
      throw new GloveboxError('GLOVEBOX_CONFIG', `--under ${under}: ${outcome.reason}`)
    if (outcome.kind === 'failed') return { passed, output, failure: outcome.failures[0], failed: true }
  }
  return { passed: times, output: printed, failed: false }
}

function outcomeText({ passed, output, failure, failed }: Outcome, { label }: Perturbation): string {
  const printed = output === '' ? '' : `${output.trimEnd()}\n\n`
  return failed
    ? `${printed}Failed in run ${passed + 1} ${label}: ${failure?.test}: ${failure?.message}\n`
    : `${printed}Passed ${passed} of ${passed} times ${label}.\n`
}

/** Throws GLOVEBOX_CONFIG. */
function timesOf(text = '1'): number {
  const times = parseCount(text)
  if (times !== undefined && times >= 1 && times <= 100_000) return times
  throw new GloveboxError('GLOVEBOX_CONFIG', `--times ${text}: a whole number from 1 to 100000 is needed`)
}

function unknownChange(id: string, circumstances: Circumstances): GloveboxError {
  const known = [baseline, ...perturbationsFor(circumstances)].map((each) => each.id)
  return new GloveboxError('GLOVEBOX_CONFIG', `--under ${id}: there is no such change for this file`, {
    remedy: `Choose one of ${known.join(', ')}, order=seed:N, random=seed:N`,
  })
}
