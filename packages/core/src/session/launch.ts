import { fileURLToPath } from 'node:url'
import type { Profile } from '../plan/profile.js'
import { heapFlags } from '../worker/heap-flags.js'

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

/** `heap`: V8's limit, bytes. The bootstrap hides what is not the user's. */
export function workerCommand({ entry, execArgv }: WorkerLaunch, heap?: number): [string, ...string[]] {
  const ours = heap === undefined ? [] : heapFlags(heap)
  return [process.execPath, ...ours, ...execArgv, bootstrap, entry, ...ours]
}

/** What a forked worker sees as its arguments: those of a fresh one after its bootstrap. */
export function forkedCommand({ entry }: WorkerLaunch, heap?: number): [string, ...string[]] {
  return [process.execPath, entry, ...(heap === undefined ? [] : heapFlags(heap))]
}

/** V8's heap limit for a worker, bytes; `undefined`: its own default, or that of the user's flags. Pure. */
export function launchHeap({ execArgv }: WorkerLaunch, { env, limits }: Profile): number | undefined {
  const flags = [...execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)]
  return flags.some((flag) => /^--m(ax|in)[-_](old[-_]space|semi[-_]space|heap)[-_]size/.test(flag))
    ? undefined
    : limits.heap
}

/** What ICU takes the locale of a process from, once: a forked worker has its template's. Pure. */
export function localeOf(env: Profile['env']): string | undefined {
  return env.LC_ALL ?? env.LC_MESSAGES ?? env.LANG
}

/** Workers of one key can be forked from one template. */
export function templateKey({ entry, execArgv, warm }: WorkerLaunch): string {
  return JSON.stringify([entry, execArgv, warm])
}

/** Whether a process that was started one way serves as well for the other. */
export function sameLaunch(a: WorkerLaunch, b: WorkerLaunch): boolean {
  return templateKey(a) === templateKey(b)
}
