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
  /** V8's young generation is kept small in the template that it is forked from. */
  young?: 'small'
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

/** From this major version of Node.js on, V8's young generation may grow to more than a capped heap has room for. */
const largeYoung = 24

/**
 * How large V8's young generation may be in the template of a worker with this profile: no fork can change it. Where the run's own cap
 * asks for a small one, all have it; else those files alone whose cap does, from a template of their own. Pure.
 */
export function youngOf(
  launch: WorkerLaunch,
  profile: Profile,
  base: Profile,
  node: number,
): 'small' | undefined {
  if (launchHeap(launch, base) !== undefined) return 'small'
  return node >= largeYoung && launchHeap(launch, profile) !== undefined ? 'small' : undefined
}

/** Workers of one key can be forked from one template. */
export function templateKey({ entry, execArgv, warm, young }: WorkerLaunch): string {
  return JSON.stringify([entry, execArgv, warm, young])
}

/** Whether a process that was started one way serves as well for the other. */
export function sameLaunch(a: WorkerLaunch, b: WorkerLaunch): boolean {
  return templateKey(a) === templateKey(b)
}
