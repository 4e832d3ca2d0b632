import { cpuTime, type FileReport } from './file-report.js'

/** Why a file is in the table. */
export type Remark = string

/** Below these nobody needs to be told that a file is the slowest or the hungriest. */
const slow = 5_000
const busy = 5_000_000
const hungry = 512 * 2 ** 20
/** … and it must stand out: so many times the median. */
const factor = 3

/** The files that share the host's network; `all`: there are several, and each does, so that none stands out. Pure. */
export function filesOnHost(files: readonly FileReport[]): readonly FileReport[] | 'all' {
  const sharing = files.filter(({ network }) => network === 'host')
  return sharing.length > 1 && sharing.length === files.length ? 'all' : sharing
}

/** The files that stand out, with the reasons, worst first. Pure. */
export function remarkable(files: readonly FileReport[]): ReadonlyMap<FileReport, readonly Remark[]> {
  const slowest = outlier(files, ({ usage }) => usage.wall, slow)
  const busiest = outlier(files, cpuTime, busy)
  const hungriest = outlier(files, ({ usage }) => usage.memoryPeak, hungry)
  const sharing = filesOnHost(files)
  const entries = files.map((file): [FileReport, Remark[]] => [
    file,
    [
      ...(file.flaky === undefined ? [] : ['flaky']),
      // Every run but the first was without other files.
      ...(file.retried === undefined ? [] : ['fails alone, too']),
      ...(file.stress === undefined ? [] : [`${file.stress.failed} of ${file.stress.runs} runs failed`]),
      ...(file.quarantined === undefined ? [] : ['in quarantine']),
      ...ending(file),
      ...pressure(file),
      ...(file.blocked.some(({ kind }) => kind !== 'unreachable') ? ['blocked network'] : []),
      ...(sharing !== 'all' && sharing.includes(file) ? ['host network'] : []),
      ...(file.advice === undefined ? [] : ['see below']),
      ...(file.leaks.length > 0 ? [leaking(file)] : []),
      ...(file === slowest ? ['slowest'] : []),
      ...(file === busiest ? ['most cpu'] : []),
      ...(file === hungriest ? ['hungriest'] : []),
    ],
  ])
  return new Map(entries.filter(([, remarks]) => remarks.length > 0))
}

function ending({ verdict }: FileReport): Remark[] {
  if (['passed-through', 'leaked', 'network-blocked'].includes(verdict.kind)) return []
  return [verdict.kind.replace('-', ' ')]
}

/** Limits that held a file back without failing it. */
function pressure({ usage, verdict }: FileReport): Remark[] {
  const { cpuThrottledPeriods = 0, cpuPeriods = 0, oomKills = 0 } = usage
  return [
    ...(cpuPeriods > 0 && cpuThrottledPeriods > cpuPeriods / 2 ? ['throttled by its cpu limit'] : []),
    ...(oomKills > 0 && verdict.kind !== 'memory-limit' ? [`${oomKills} killed for want of memory`] : []),
  ]
}

function leaking({ leaks }: FileReport): Remark {
  return leaks.length === 1 ? '1 leak' : `${leaks.length} leaks`
}

function outlier(
  files: readonly FileReport[],
  measure: (file: FileReport) => number | undefined,
  least: number,
): FileReport | undefined {
  const measured = files
    .flatMap((file) => {
      const value = measure(file)
      return value === undefined ? [] : [{ file, value }]
    })
    .sort((a, b) => b.value - a.value)
  const median = measured[Math.floor(measured.length / 2)]
  const [top] = measured
  if (measured.length < 2 || !top || !median || top.value < least || top.value < factor * median.value)
    return undefined
  return top.file
}
