import {
  type FileRecord,
  type Flakiness,
  flakyMessage,
  type RunResult,
  type Session,
  stressMessage,
  type TestFailure,
  tallyOf,
} from '@glovebox/core/adapter'
import type { RunnerTask } from 'vitest'
import type { Judgement } from './file-run.js'
import type { Link } from './link.js'
import type { ModuleError } from './module-failure.js'

/** Whether a file failed: by its tests, its own errors, those that nobody caught, or its verdict. */
export function hasFailed({ error, outcome }: Judgement, { unhandled }: Pick<Link, 'unhandled'>): boolean {
  return error !== undefined || outcome !== 'passed' || unhandled.length > 0
}

/** What failed in a run that is not the last. `file`: what a failure of the module as a whole is called. */
export function failuresOf(link: Link, file: string, error: ModuleError | undefined): TestFailure[] {
  const whole = error === undefined ? [] : [{ test: file, message: firstLine(error) }]
  const uncaught = link.unhandled.map((error) => ({ test: file, message: firstLine(error) }))
  const resultOf = resultsIn(link)
  const failedBelow = (task: RunnerTask, parents: readonly string[]): TestFailure[] => {
    const name = [...parents, task.name]
    const below = task.type === 'suite' ? task.tasks.flatMap((child) => failedBelow(child, name)) : []
    const [first] = resultOf(task)?.state === 'fail' ? (resultOf(task)?.errors ?? []) : []
    return first === undefined ? below : [{ test: name.join(' > '), message: firstLine(first) }, ...below]
  }
  const tests = link.file?.tasks.flatMap((task) => failedBelow(task, [])) ?? []
  const [ofModule] = link.file === undefined ? [] : (resultOf(link.file)?.errors ?? [])
  const loading = ofModule === undefined ? [] : [{ test: file, message: firstLine(ofModule) }]
  return [...whole, ...tests, ...loading, ...uncaught]
}

/** A file that may be run more than once, each time in a fresh sandbox. */
export interface Repeatable {
  /** Of the file, for failures that are no test's. */
  name: string
  run: () => Promise<{ judgement: Judgement; link: Link }>
  /** Whether there may be another run after one that failed or passed. */
  mayGoOn(failed: boolean): boolean
}

/**
 * Runs a file as often as the options say: until it passes, if it fails, then without any other file beside it; or a number of times on purpose.
 * What is flaky keeps what failed.
 */
export async function runRepeatedly(
  { flaky, turns }: Pick<Session, 'flaky' | 'turns'>,
  file: Repeatable,
): Promise<Judgement> {
  if (flaky.stress !== undefined) return manyTimes(flaky.stress, file)
  const failures: TestFailure[] = []
  let beside: readonly string[] = []
  for (let runs = 1; ; runs++) {
    const turn = await (runs === 1 ? turns.beside(file.name, file.run) : turns.alone(file.name, file.run))
    const { judgement, link } = turn.value
    if (runs === 1) beside = turn.beside
    const failed = hasFailed(judgement, link)
    if (!failed) return runs === 1 ? judgement : asFlaky(judgement, { runs, failures, beside }, flaky.policy)
    if (runs > flaky.retries || !file.mayGoOn(failed))
      return runs === 1 ? judgement : withRecord(judgement, { retried: { runs, failures, beside } })
    failures.push(...failuresOf(link, file.name, judgement.error))
  }
}

/** It fails if it failed once. */
async function manyTimes(times: number, file: Repeatable): Promise<Judgement> {
  const results: RunResult[] = []
  for (;;) {
    const { judgement, link } = await file.run()
    const failed = hasFailed(judgement, link)
    const failures = failed ? failuresOf(link, file.name, judgement.error) : []
    results.push({ failed, tests: testsOf(link), failures })
    if (results.length < times && file.mayGoOn(failed)) continue
    const stress = tallyOf(results)
    const last = judgement.error === undefined ? '' : `\n${judgement.error.message}`
    const error = { name: 'Glovebox', message: `${stressMessage(stress)}${last}` }
    return { ...withRecord(judgement, { stress }), ...(stress.failed > 0 && { error }) }
  }
}

/** A run that passed after others had failed: never a plain pass. */
function asFlaky(judgement: Judgement, flaky: Flakiness, policy: 'fail' | 'warn'): Judgement {
  const error = { name: 'Glovebox', message: flakyMessage(flaky) }
  return { ...withRecord(judgement, { flaky }), ...(policy === 'fail' && { error }) }
}

function withRecord(judgement: Judgement, more: Partial<FileRecord>): Judgement {
  const { record } = judgement
  return record === undefined ? judgement : { ...judgement, record: { ...record, ...more } }
}

/** Tests that were executed. */
function testsOf(link: Link): RunResult['tests'] {
  const resultOf = resultsIn(link)
  const below = (task: RunnerTask, parents: readonly string[]): RunResult['tests'] => {
    const name = [...parents, task.name]
    if (task.type === 'suite') return task.tasks.flatMap((child) => below(child, name))
    const state = resultOf(task)?.state
    return state === 'pass' || state === 'fail' ? [{ test: name.join(' > '), failed: state === 'fail' }] : []
  }
  return link.file?.tasks.flatMap((task) => below(task, [])) ?? []
}

/** The result of a task as far as the worker told. */
function resultsIn(link: Link): (task: RunnerTask) => RunnerTask['result'] {
  const ends = new Map(link.held.flatMap(([packs]) => packs).map(([id, result]) => [id, result]))
  return (task) => link.progress.get(task.id) ?? ends.get(task.id) ?? task.result
}

/** What was thrown need not be an error, or have a message. */
function firstLine({ message }: { message?: unknown }): string {
  const lines = String(message ?? 'something that is no error was thrown').split('\n')
  return lines.find((line) => line.trim() !== '')?.trim() ?? ''
}
