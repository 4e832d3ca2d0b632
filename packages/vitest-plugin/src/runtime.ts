import type { Listener, VitestWorker, WorkerState } from './vitest-runtime.js'

/** Who talks to a runtime of Vitest, and what they have a hand in. */
export interface Ends {
  /** Takes what the runtime says: responses and calls. */
  post(message: unknown): void
  /** Called with the state of a run before it begins. */
  prepare?(state: WorkerState): void | Promise<void>
  /** Called when the runtime was stopped. */
  teardown?(): void
}

/** Vitest's runtime between `start` and `stop`, as Vitest's own worker processes have one, with ends that can be changed. */
export interface Runtime {
  /** A request, or the answer to a call. */
  deliver(message: unknown): void
  /** From here on others talk to it. */
  handOver(ends: Ends): void
}

export function createRuntime(vitest: VitestWorker, ends: Ends): Runtime {
  const listeners = new Set<Listener>()
  let current = ends
  const run = (method: 'run' | 'collect') => async (state: WorkerState, traces: unknown) => {
    await current.prepare?.(state)
    await vitest.runBaseTests(method, state, traces)
  }
  vitest.init({
    post: (message) => current.post(message),
    on: (listener) => listeners.add(listener),
    off: (listener) => listeners.delete(listener),
    setup: vitest.setupEnvironment,
    teardown: () => current.teardown?.(),
    runTests: run('run'),
    collectTests: run('collect'),
  })
  return {
    deliver: (message) => {
      for (const listener of [...listeners]) listener(message)
    },
    handOver: (to) => {
      current = to
    },
  }
}
