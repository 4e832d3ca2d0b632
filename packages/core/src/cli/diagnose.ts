import { parseDuration } from '../config/units.js'
import { shareOf } from '../diagnose/cells/cell.js'
import { conclude, hints } from '../diagnose/conclude.js'
import { conduct } from '../diagnose/conduct.js'
import { openLaboratory } from '../diagnose/laboratory.js'
import { suspects } from '../diagnose/patterns.js'
import type { Perturbation } from '../diagnose/perturbation.js'
import { perturbationsFor } from '../diagnose/perturbations.js'
import { readSetting } from '../diagnose/setting.js'
import type { Answer } from '../diagnose/words.js'
import { GloveboxError } from '../errors.js'
import { cellOf, deliverPart } from './diagnose-cell.js'
import type { DiagnoseFlags } from './diagnose-command.js'
import { deliver } from './diagnose-deliver.js'
import { besideOf, chooseRunner, jobsOf, locate, nodesOf } from './diagnose-input.js'
import { showProgress } from './diagnose-progress.js'
import { examine } from './examine.js'
import { ofSignal, status } from './exit-status.js'
import { stopper } from './stopper.js'

/** Finds out what a test file depends on, and prints it. Resolves with the exit status. Throws GLOVEBOX_CONFIG. */
export async function diagnose(file: string, flags: DiagnoseFlags): Promise<number> {
  const begun = Date.now()
  const budget = parseDuration(flags.budget)
  if (budget === undefined || budget <= 0)
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `--budget ${flags.budget}: a duration is needed, e.g. 90s or 5m`,
    )
  const cell = cellOf(flags)
  const place = locate(file, process.cwd())
  const runner = chooseRunner(place.root, flags.runner)
  const testName = flags.testNamePattern
  const jobs = jobsOf(flags.jobs)
  const beside = besideOf(flags.with ?? [], process.cwd())
  const nodes = nodesOf(flags.node ?? [], process.cwd())
  const stop = stopper(budget)
  const laboratory = openLaboratory(place.root, jobs, stop.signal)
  const progress = showProgress(process.stderr, begun, budget)
  try {
    progress.say('a first look at what the file does')
    const subject = { runner, ...place, ...(testName !== undefined && { testName }) }
    const examined = await examine(laboratory, subject, stop.signal, { beside, nodes })
    if (examined === undefined) {
      progress.end()
      process.stdout.write(`${file}: no answer yet. Stopped before the first trial was over.\n`)
      return stop.reason() === 'interrupted' ? ofSignal('SIGINT') : status.usage
    }
    const { first, circumstances } = examined
    const wanted = chosen(perturbationsFor(circumstances), flags.only)
    const { experiment, complete } = await conduct({
      laboratory,
      jobs,
      perturbations: cell === undefined ? wanted : shareOf(wanted, cell, dimensionsOf(flags.only)),
      task: first.task,
      signal: stop.signal,
      onProgress: progress.update,
    })
    const stopped = complete ? undefined : stop.reason()
    const setting = readSetting({ ...place, runner, budget, jobs, only: flags.only, beside, begun })
    if (cell !== undefined) {
      progress.end()
      const { source } = circumstances
      const { usage } = first
      const took = Date.now() - begun
      const found = { cell, file, testName, runner, source, setting, experiment, usage, stopped, took }
      return deliverPart(found, flags)
    }
    const conclusion = conclude(experiment, complete, first.usage)
    const cause = conclusion.kind === 'depends' ? conclusion.findings[0].dimension : 'null'
    const answer: Answer = {
      file,
      testName,
      runner,
      experiment,
      conclusion,
      suspects: suspects(circumstances.source, cause),
      hints: hints(experiment),
      stopped,
      took: Date.now() - begun,
      setting,
    }
    progress.end()
    return deliver(answer, flags)
  } finally {
    progress.end()
    stop.end()
    await laboratory.close()
  }
}

function dimensionsOf(only: string | undefined): string[] | undefined {
  return only?.split(',').map((name) => name.trim())
}

/** Those of the dimensions that were asked for; the null arm always. */
function chosen(all: readonly Perturbation[], only: string | undefined): readonly Perturbation[] {
  const names = dimensionsOf(only)
  if (names === undefined) return all
  const known = [...new Set(all.map(({ dimension }) => dimension))].filter((name) => name !== 'null')
  for (const name of names) {
    if (known.some((dimension) => dimension === name)) continue
    throw new GloveboxError('GLOVEBOX_CONFIG', `--only ${name}: there is no such dimension for this file`, {
      remedy: `Choose from ${known.join(', ')}`,
    })
  }
  return all.filter(({ dimension }) => dimension === 'null' || names.includes(dimension))
}
