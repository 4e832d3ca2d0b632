import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunnerModule, SnapshotOptions } from './observe.js'

export type Listener = (message: unknown) => void

/** What Vitest's runtime hands to the one that runs its tests. */
export interface WorkerState {
  config: { snapshotOptions: SnapshotOptions }
  /** `concurrencyId`: Vitest 5 has the `poolId` of `start` here. */
  ctx: { concurrencyId?: number | undefined }
}

/** The part of `vitest/worker` that a pool needs; resolved from the user's Vitest, never from ours. */
export interface VitestWorker {
  init(worker: {
    post: (message: unknown) => void
    on: (listener: Listener) => void
    off: (listener: Listener) => void
    teardown?: () => void
    setup: unknown
    runTests: (state: WorkerState, traces: unknown) => Promise<void>
    collectTests: (state: WorkerState, traces: unknown) => Promise<void>
  }): void
  runBaseTests(method: 'run' | 'collect', state: WorkerState, traces: unknown): Promise<void>
  setupEnvironment: unknown
}

/** Everything of Vitest that a worker loads in any case. `distPath` is that of the user's Vitest. */
export async function loadVitest(distPath: string): Promise<{ vitest: VitestWorker; index: RunnerModule }> {
  const load = (file: string) => import(pathToFileURL(join(distPath, file)).href)
  return {
    vitest: await load('worker.js'),
    index: await load('index.js'),
  }
}
