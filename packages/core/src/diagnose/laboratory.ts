import { fileURLToPath } from 'node:url'
import Tinypool from 'tinypool'
import type { TrialResult, TrialTask } from './trial-types.js'

export interface Laboratory {
  /** Runs one trial. Rejects if its process dies, or when the laboratory is closed. */
  run(task: TrialTask): Promise<TrialResult>
  /** Ends all trials. Idempotent. */
  close(): Promise<void>
}

/** Trials run side by side, each in a fresh process that hosts a runner of its own. */
export function openLaboratory(jobs: number): Laboratory {
  const pool = new Tinypool({
    runtime: 'child_process',
    filename: fileURLToPath(new URL('./trial.js', import.meta.url)),
    isolateWorkers: true,
    // One is started ahead, while the others run.
    minThreads: jobs,
    maxThreads: jobs,
    env: { ...process.env } as Record<string, string>,
    serialization: 'advanced',
  })
  let closed: Promise<void> | undefined
  return {
    run: (task) => pool.run(task) as Promise<TrialResult>,
    close: () => {
      closed ??= pool.destroy()
      return closed
    },
  }
}
