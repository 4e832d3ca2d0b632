import type { Ending } from '../sandbox/ending.js'

/**
 * Whether a worker in which no code of its file has run ended of what need not happen to another one: not of a limit, which that would hit as
 * well, nor because somebody wanted it to end. Pure.
 */
export function isAccident({ cause, hits }: Ending, heapExhausted: boolean): boolean {
  if (hits.memory > 0 || hits.pids > 0 || hits.disk || heapExhausted) return false
  switch (cause.kind) {
    case 'exit':
    case 'init-died':
      return true
    case 'exec-failed':
      return cause.stage.startsWith('template')
    default:
      return false
  }
}

/** `SIGKILL`, `exit code 1`, or what of its sandbox failed. Pure. */
export function howEnded({ cause, code, signal }: Ending): string {
  if (cause.kind === 'exec-failed') return cause.stage
  if (cause.kind === 'init-died') return 'the first process of its sandbox died'
  return signal ?? `exit code ${code ?? 0}`
}
