import { type Flakiness, flakyMessage, type TestFailure } from '@glovebox/core/adapter'
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
  const ends = new Map(link.held.flatMap(([packs]) => packs).map(([id, result]) => [id, result]))
  const uncaught = link.unhandled.map((error) => ({ test: file, message: firstLine(error) }))
  const resultOf = (task: RunnerTask) => link.progress.get(task.id) ?? ends.get(task.id) ?? task.result
  const failedBelow = (task: RunnerTask, parents: readonly string[]): TestFailure[] => {
    const name = [...parents, task.name]
    const below = task.type === 'suite' ? task.tasks.flatMap((child) => failedBelow(child, name)) : []
    const [first] = resultOf(task)?.state === 'fail' ? (resultOf(task)?.errors ?? []) : []
    return first === undefined ? below : [{ test: name.join(' > '), message: firstLine(first) }, ...below]
  }
  const tests = link.file?.tasks.flatMap((task) => failedBelow(task, [])) ?? []
  const [ofModule] = link.file === undefined ? [] : (ends.get(link.file.id)?.errors ?? [])
  const loading = ofModule === undefined ? [] : [{ test: file, message: firstLine(ofModule) }]
  return [...whole, ...tests, ...loading, ...uncaught]
}

/** A run that passed after others had failed: never a plain pass. */
export function asFlaky(judgement: Judgement, flaky: Flakiness, policy: 'fail' | 'warn'): Judgement {
  const { record } = judgement
  const error = { name: 'Glovebox', message: flakyMessage(flaky) }
  return {
    ...judgement,
    ...(record && { record: { ...record, flaky } }),
    ...(policy === 'fail' && { error }),
  }
}

/** What was thrown need not be an error, or have a message. */
function firstLine({ message }: { message?: unknown }): string {
  const lines = String(message ?? 'something that is no error was thrown').split('\n')
  return lines.find((line) => line.trim() !== '')?.trim() ?? ''
}
