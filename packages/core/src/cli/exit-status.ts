import { constants } from 'node:os'
import { errnoName } from '../host/errno.js'
import type { Ending } from '../sandbox/ending.js'

/** Statuses of our own, as in timeout(1), env(1) and `docker run`. */
export const status = { timeout: 124, failed: 125, notExecutable: 126, notFound: 127, usage: 2 } as const

/** The exit status of `glovebox run`: the command's own, or what stands for how it ended. Pure. */
export function exitStatus(ending: Ending): number {
  switch (ending.cause.kind) {
    case 'timeout':
      return status.timeout
    case 'init-died':
    case 'supervisor-died':
      return status.failed
    case 'exec-failed': {
      if (ending.cause.stage !== 'execute') return status.failed
      return errnoName(ending.cause.errno) === 'ENOENT' ? status.notFound : status.notExecutable
    }
    case 'memory':
    case 'killed':
      return ofSignal('SIGKILL')
    case 'exit':
      return ending.code ?? ofSignal(ending.signal ?? 'SIGKILL')
  }
}

/** 128+n, as shells have it; also of real-time signals, which Node.js has no names for. */
export function ofSignal(signal: string): number {
  const named = constants.signals[signal as NodeJS.Signals]
  const realTime = /^SIGRTMIN\+(\d+)$/.exec(signal)?.[1]
  return 128 + (named ?? 34 + Number(realTime ?? 0))
}
