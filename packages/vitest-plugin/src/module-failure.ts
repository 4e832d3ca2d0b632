import { GloveboxError } from '@glovebox/core/adapter'
import type { RunnerTask, RunnerTestCase, RunnerTestFile, RunnerTestSuite } from 'vitest'
import type { TaskUpdate } from './protocol.js'

type TaskResult = NonNullable<RunnerTask['result']>

/** What a reporter prints. Mostly without a stack, since no line of the test is to blame. */
export interface ModuleError {
  name: string
  message: string
  stack?: string
}

/** The latest result of each test, by id, as far as the worker told (`Note`). */
export type Progress = ReadonlyMap<string, RunnerTask['result']>

/**
 * The update that ends a module whose worker is gone: tests that had ended keep their result, the one that was running
 * fails, the rest is skipped, and the module itself fails with `error`.
 */
export function failedModule(file: RunnerTestFile, progress: Progress, error: ModuleError): TaskUpdate {
  const update: TaskUpdate = [[], []]
  for (const task of file.tasks) settle(task, progress, error, update)
  const begun = file.result?.state === 'run'
  put(update, file, failed(file.result, error), begun ? 'suite-finished' : 'suite-failed-early')
  return update
}

/** A result with one more error, and therefore failed. */
export function failed(result: RunnerTask['result'], error: ModuleError): TaskResult {
  return { ...result, state: 'fail', errors: [...(result?.errors ?? []), { ...error }] }
}

/** A module of which Vitest has heard nothing yet. */
export function emptyModule(
  task: Pick<RunnerTestFile, 'id' | 'name' | 'filepath' | 'projectName' | 'pool'>,
): RunnerTestFile {
  const file = {
    ...task,
    fullName: task.name,
    type: 'suite',
    mode: 'run',
    tasks: [],
    meta: {},
  } as unknown as RunnerTestFile
  file.file = file
  return file
}

/** The error of a module that could not be run, from whatever was thrown here or in the worker. */
export function asModuleError(thrown: unknown): ModuleError {
  if (thrown instanceof GloveboxError) return { name: thrown.code, message: thrown.message }
  if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: String(thrown) }
  const { name = 'Error', message = '', stack } = thrown as Partial<ModuleError>
  return { name, message, ...(stack !== undefined && { stack }) }
}

/** With the file as its place: some reporters pass over an error that has none. */
export function located(error: ModuleError, path: string): ModuleError {
  return { ...error, stack: error.stack ?? `${error.name}: ${error.message}\n    at ${path}:1:1` }
}

function settle(task: RunnerTask, progress: Progress, error: ModuleError, update: TaskUpdate): void {
  if (task.type === 'suite') {
    for (const child of task.tasks) settle(child, progress, error, update)
  }
  const end = task.type === 'suite' ? endOfSuite(task, update) : endOfTest(task, progress, error)
  if (end !== undefined) put(update, task, ...end)
}

type End = [result: TaskResult, event: TaskUpdate[1][number][1]]

function endOfSuite(suite: RunnerTestSuite, update: TaskUpdate): End | undefined {
  const { result } = suite
  if (result !== undefined && isFinal(result)) return undefined
  const states = suite.tasks.map((child) => stateIn(update, child))
  const begun = result !== undefined || states.some((state) => state !== 'skip' && state !== undefined)
  if (!begun) return [{ state: 'skip' }, 'test-finished']
  return [{ ...result, state: states.includes('fail') ? 'fail' : 'pass' }, 'suite-finished']
}

function endOfTest(test: RunnerTestCase, progress: Progress, error: ModuleError): End | undefined {
  if (isFinal(test.result) || test.mode === 'skip' || test.mode === 'todo') return undefined
  const told = progress.get(test.id) ?? test.result
  if (told === undefined) return [{ state: 'skip' }, 'test-finished']
  if (isFinal(told)) return [told, 'test-finished']
  const [reason = ''] = error.message.split('\n')
  const running = { name: error.name, message: `This test was running when its file was ended: ${reason}` }
  return [failed(told, running), 'test-finished']
}

function put(
  [packs, events]: TaskUpdate,
  task: RunnerTask,
  result: TaskResult,
  event: TaskUpdate[1][number][1],
): void {
  packs.push([task.id, result, task.meta])
  events.push([task.id, event, undefined])
}

function stateIn([packs]: TaskUpdate, task: RunnerTask): string | undefined {
  const pack = packs.find(([id]) => id === task.id)
  return (pack?.[1] ?? task.result)?.state
}

function isFinal(result: RunnerTask['result']): boolean {
  return result !== undefined && result.state !== 'run' && result.state !== 'queued'
}
