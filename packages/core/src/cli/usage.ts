import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import type { Limits } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'
import type { Leak, Usage } from '../verdict/usage.js'
import { exitStatus } from './exit-status.js'

/**
 * What `--usage=json` prints, on one line: `status`, `cause`, `signal` (null if none), and the keys of Ending and Limits with their
 * units. What could not be measured, or is not limited, is absent. Pure.
 */
export function usageJson(ending: Ending, limits: Limits): string {
  const { cause, signal = null, usage, hits, leaks } = ending
  return `${JSON.stringify({ status: exitStatus(ending), cause: cause.kind, signal, usage, hits, leaks, limits })}\n`
}

/** What `--usage` prints: one line a resource, only those that could be measured. Pure. */
export function usageText({ usage, leaks }: Ending, limits: Limits): string {
  const lines: [name: string, value: string | undefined][] = [
    ['wall', usage.wall === undefined ? undefined : duration(usage.wall)],
    ['cpu', cpu(usage)],
    ['throttled', throttled(usage)],
    ['memory', outOf(usage.memoryPeak, limits.memory, bytes)],
    ['processes', outOf(usage.pidsPeak, limits.pids, String)],
    ['disk', outOf(usage.diskBytes, limits.disk, bytes)],
    ['io', io(usage)],
    ['switches', switches(usage)],
    ['oom kills', usage.oomKills ? String(usage.oomKills) : undefined],
    ...leaks.map((leak): [string, string] => ['left behind', describeLeak(leak)]),
  ]
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${name.padEnd(12)} ${value}\n`)
    .join('')
}

function cpu({ cpuUser, cpuSystem }: Usage): string | undefined {
  if (cpuUser === undefined || cpuSystem === undefined) return undefined
  return `${seconds(cpuUser)} user, ${seconds(cpuSystem)} system`
}

function throttled({ cpuThrottled, cpuThrottledPeriods, cpuPeriods }: Usage): string | undefined {
  if (!cpuThrottledPeriods) return undefined
  return `${seconds(cpuThrottled ?? 0)} in ${cpuThrottledPeriods} of ${cpuPeriods} periods`
}

function io({ ioReadBytes, ioReads, ioWriteBytes, ioWrites }: Usage): string | undefined {
  if (ioReadBytes === undefined || ioWriteBytes === undefined) return undefined
  return `read ${bytes(ioReadBytes)} in ${ioReads} operations, wrote ${bytes(ioWriteBytes)} in ${ioWrites}`
}

function switches({
  contextSwitchesVoluntary: voluntary,
  contextSwitchesInvoluntary: involuntary,
}: Usage): string | undefined {
  return voluntary === undefined ? undefined : `${voluntary} voluntary, ${involuntary} involuntary`
}

function outOf(
  value: number | undefined,
  limit: number | undefined,
  format: (value: number) => string,
): string | undefined {
  if (value === undefined) return undefined
  return limit === undefined ? `peak ${format(value)}` : `peak ${format(value)} of ${format(limit)}`
}

function describeLeak(leak: Leak): string {
  return leak.kind === 'process' ? `process ${leak.pid} (${leak.command})` : `listener ${leak.address}`
}

function bytes(value: number): string {
  return prettyBytes(value, { binary: true })
}

function seconds(microseconds: number): string {
  return `${(microseconds / 1e6).toFixed(2)} s`
}

function duration(milliseconds: number): string {
  return milliseconds < 10000 ? `${(milliseconds / 1000).toFixed(2)} s` : ms(milliseconds, { long: true })
}
