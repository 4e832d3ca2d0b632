import type { Quarantined } from '@glovebox/core/adapter'
import type { RunnerTask, RunnerTestFile } from 'vitest'
import type { TaskUpdate } from './protocol.js'

type Result = RunnerTask['result']

/**
 * Updates that end a module whose failures are in quarantine: tests that failed count as skipped, with the reason, and what holds them as
 * passed. The first is of tests of which Vitest knows already that they failed.
 */
export function pardoned(
  file: RunnerTestFile,
  updates: readonly TaskUpdate[],
  quarantined: Quarantined,
): TaskUpdate[] {
  const tasks = [file, ...below(file)]
  const tests = new Set(tasks.filter(({ type }) => type === 'test').map(({ id }) => id))
  const told = new Set(updates.flatMap(([packs]) => packs).map(([id]) => id))
  const note = `in quarantine: ${quarantined.reason}`
  const pardon = (id: string, result: Result): Result => {
    if (result?.state !== 'fail') return result
    const { errors: _, ...rest } = result
    return tests.has(id) ? ({ ...rest, state: 'skip', note } as Result) : { ...rest, state: 'pass' }
  }
  const earlier = tasks
    .filter(({ id, result }) => result?.state === 'fail' && !told.has(id))
    .map(({ id, result, meta }): TaskUpdate[0][number] => [id, pardon(id, result), meta])
  return [
    ...(earlier.length === 0 ? [] : [[earlier, []] satisfies TaskUpdate]),
    ...updates.map(
      ([packs, events]): TaskUpdate => [
        packs.map(([id, result, meta]): TaskUpdate[0][number] => [id, pardon(id, result), meta]),
        events,
      ],
    ),
  ]
}

function below(task: RunnerTask): RunnerTask[] {
  return task.type === 'suite' ? task.tasks.flatMap((child) => [child, ...below(child)]) : []
}
