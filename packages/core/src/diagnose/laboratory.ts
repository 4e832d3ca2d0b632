import { fileURLToPath } from 'node:url'
import Tinypool from 'tinypool'
import { withCompileCache } from './compile-cache.js'
import { makeScratch } from './scratch.js'
import type { TrialResult, TrialTask } from './trial-types.js'

export interface Laboratory {
  /** A directory that is there until it is closed: the process of a trial may be killed before it can clear away. */
  scratch: string
  /** Runs one trial. Rejects if its process dies, and as soon as `signal` is aborted. */
  run(task: TrialTask): Promise<TrialResult>
  /** Ends all trials. Idempotent. */
  close(): Promise<void>
}

/** Trials of a project's files run side by side, `jobs` at once, each in a fresh process that hosts a runner of its own. */
export function openLaboratory(root: string, jobs: number, signal: AbortSignal): Laboratory {
  const { path: scratch, clear } = makeScratch(root)
  const pool = new Tinypool({
    runtime: 'child_process',
    filename: fileURLToPath(new URL('./trial.js', import.meta.url)),
    isolateWorkers: true,
    // One is started ahead, while the others run.
    minThreads: jobs,
    maxThreads: jobs,
    env: withCompileCache(process.env, scratch) as Record<string, string>,
    serialization: 'advanced',
  })
  let closed: Promise<void> | undefined
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  aborted.catch(() => {})
  return {
    scratch,
    run: async (task) => {
      try {
        return await Promise.race([pool.run(task) as Promise<TrialResult>, aborted])
      } catch (thrown) {
        throw thrown instanceof Error ? thrown : asError(thrown as Partial<Error>)
      }
    },
    close: () => {
      closed ??= pool.destroy().finally(clear)
      return closed
    },
  }
}

/** From another process an error comes as a plain object. */
function asError({ message = 'the process of a trial failed', stack }: Partial<Error>): Error {
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
