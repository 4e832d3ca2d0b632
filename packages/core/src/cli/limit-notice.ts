import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import { errnoName } from '../host/errno.js'
import type { Limits } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'

/**
 * One sentence for stderr when a limit, and not the command itself, decided the outcome: the limit, the measured peak, the
 * flag that raises it. `undefined`: the exit status says it all. Pure.
 */
export function limitNotice(ending: Ending, limits: Limits, command: string): string | undefined {
  const { cause, usage, hits } = ending
  const failed = ending.code !== 0
  switch (cause.kind) {
    case 'memory': {
      const peak = usage.memoryPeak === undefined ? '' : ` (peak ${bytes(usage.memoryPeak)})`
      if (limits.memory === undefined) return `${command} was killed: the machine ran out of memory${peak}`
      return `${command} was killed at its memory limit of ${bytes(limits.memory)}${peak}; raise it with --memory ${raised(limits.memory)}`
    }
    case 'timeout': {
      const limit = limits.timeout ?? usage.wall ?? 0
      return `${command} was killed at its timeout of ${ms(limit)}; raise it with --timeout ${ms(limit * 2)}`
    }
    case 'exec-failed':
      return cause.stage === 'execute'
        ? `${command} cannot be executed: ${errnoName(cause.errno)}`
        : `${command} was not started: ${cause.stage} failed with ${errnoName(cause.errno)}${cause.path && ` (${cause.path})`}`
    case 'init-died':
      return 'the sandbox’s init died; this is a fault of Glovebox or something killed it'
    case 'supervisor-died':
      return `the supervisor died: ${cause.detail}`
    case 'killed':
      return undefined
    case 'exit':
      if (failed && hits.memory > 0 && limits.memory !== undefined) {
        return `a process of ${command} was killed at the memory limit of ${bytes(limits.memory)}; raise it with --memory ${raised(limits.memory)}`
      }
      if (failed && hits.pids > 0 && limits.pids !== undefined) {
        const peak = usage.pidsPeak === undefined ? '' : `, peak ${usage.pidsPeak}`
        return `${command} was refused ${hits.pids} new processes at its limit of ${limits.pids}${peak}; raise it with --pids ${limits.pids * 2}`
      }
      if (failed && hits.disk) {
        return `${command} filled its private file systems (${bytes(limits.disk)}); raise the limit with --disk ${raised(limits.disk)}`
      }
      return undefined
  }
}

function bytes(value: number): string {
  return prettyBytes(value, { binary: true })
}

/** Twice as much, in the notation that the flags take. */
function raised(value: number): string {
  return prettyBytes(value * 2, { binary: true, maximumFractionDigits: 0 }).replace(' ', '')
}
