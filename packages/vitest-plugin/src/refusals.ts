import type { Blocked, TestTime } from '@glovebox/core/adapter'
import type { RunnerTask, RunnerTestFile } from 'vitest'
import type { Note } from './protocol.js'

/** What the worker told it was refused, and the test that ran then, if it was just one. */
export function createRefusals(progress: ReadonlyMap<string, RunnerTask['result']>): {
  receive(note: Extract<Note, { glovebox: 'refused' }>, file: RunnerTestFile | undefined): void
  readonly all: readonly Blocked[]
} {
  const all: Blocked[] = []
  return {
    all,
    receive({ kind, host, port }, file) {
      const running = [...progress].filter(([, result]) => result?.state === 'run')
      const [id] = running.length === 1 ? (running[0] ?? []) : []
      const test = id === undefined || file === undefined ? undefined : nameOf(file.tasks, id)
      all.push({ kind, host, ...(port !== undefined && { port }), ...(test !== undefined && { test }) })
    },
  }
}

/** When each test ran; one that is repeated, from its first begin to its last end. */
export function createTestTimes(): {
  receive(note: Extract<Note, { glovebox: 'test' }>): void
  of(file: RunnerTestFile | undefined): TestTime[]
} {
  const times = new Map<string, { begun: number; ended?: number }>()
  return {
    receive({ id, result, at }) {
      const known = times.get(id)
      if (result?.state === 'run') times.set(id, { begun: known?.begun ?? at })
      else if (known) times.set(id, { ...known, ended: at })
    },
    of: (file) =>
      [...times].flatMap(([id, time]) => {
        const test = file && nameOf(file.tasks, id)
        return test === undefined ? [] : [{ test, ...time }]
      }),
  }
}

/** `suite > test`. */
function nameOf(tasks: readonly RunnerTask[], id: string): string | undefined {
  for (const task of tasks) {
    if (task.id === id) return task.name
    const inner = 'tasks' in task ? nameOf(task.tasks, id) : undefined
    if (inner !== undefined) return `${task.name} > ${inner}`
  }
  return undefined
}
