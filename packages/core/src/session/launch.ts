import { fileURLToPath } from 'node:url'

/** The worker process's first module. */
export const bootstrap: string = fileURLToPath(new URL('../worker/bootstrap.js', import.meta.url))

export interface WorkerLaunch {
  /** The module that serves a file. */
  entry: string
  /** Node.js flags. */
  execArgv: readonly string[]
  /** What the template that it is forked from is warmed with: `SessionOptions.warm`, or this worker's own. */
  warm?: unknown
  /** Not to be forked. */
  fresh?: boolean
}

export function workerCommand({ entry, execArgv }: WorkerLaunch): [string, ...string[]] {
  return [process.execPath, ...execArgv, bootstrap, entry]
}

/** What a forked worker sees as its arguments: those of a fresh one after its bootstrap. */
export function forkedCommand({ entry }: WorkerLaunch): [string, ...string[]] {
  return [process.execPath, entry]
}

/** Workers of one key can be forked from one template. */
export function templateKey({ entry, execArgv, warm }: WorkerLaunch): string {
  return JSON.stringify([entry, execArgv, warm])
}

/** Whether a process that was started one way serves as well for the other. */
export function sameLaunch(a: WorkerLaunch, b: WorkerLaunch): boolean {
  return templateKey(a) === templateKey(b)
}
