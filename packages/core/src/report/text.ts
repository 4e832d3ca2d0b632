import { Table } from 'console-table-printer'
import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import type { ReportTable } from '../config/options.js'
import { describeQuarantined } from '../flaky/quarantine.js'
import { describeBlocked, describeLeak } from '../verdict/explain.js'
import { describeFlakiness } from '../verdict/flakiness.js'
import type { Blocked } from '../verdict/usage.js'
import { describeWrites } from '../verdict/writes.js'
import { cpuTime, type FileReport, fileName } from './file-report.js'
import { filesOnHost, type Remark, remarkable } from './remarkable.js'

/**
 * The table that is printed after a run, or '' if there is nothing to say. `auto`: files that stand out; `full`: all of
 * them, the slowest first. Paths of writes are shown relative to `root`. Pure.
 */
export function textReport(files: readonly FileReport[], table: ReportTable, root?: string): string {
  if (table === 'off' || files.length === 0) return ''
  const remarks = remarkable(files)
  const listed =
    table === 'full'
      ? [...files].sort(bySlowness)
      : files.filter((file) => remarks.has(file)).sort(bySlowness)
  const general = filesOnHost(files) === 'all' ? [' Every file shares the host’s network.'] : []
  if (listed.length === 0) return general.length === 0 ? '' : ['', ' Glovebox', ...general].join('\n')
  const notes = listed.flatMap((file) => details(file, root))
  return ['', ' Glovebox', render(listed, remarks), ...general, ...notes].join('\n')
}

function render(files: readonly FileReport[], remarks: ReadonlyMap<FileReport, readonly Remark[]>): string {
  const table = new Table({
    shouldDisableColors: true,
    columns: [
      { name: 'file', alignment: 'left' },
      { name: 'wall', alignment: 'right' },
      { name: 'cpu', alignment: 'right' },
      { name: 'memory', alignment: 'right' },
      { name: 'processes', alignment: 'right' },
      { name: 'remarks', alignment: 'left' },
    ],
  })
  for (const file of files) {
    table.addRow({
      file: fileName(file),
      wall: shown(file.usage.wall, duration),
      cpu: shown(cpuTime(file), (time) => duration(time / 1000)),
      memory: shown(file.usage.memoryPeak, bytes),
      processes: shown(file.usage.pidsPeak, String),
      remarks: (remarks.get(file) ?? []).join(', '),
    })
  }
  return table.render()
}

/** `> charges card tried api.stripe.com:443` */
function describeTry(blocked: Blocked): string {
  const during = blocked.test === undefined ? '' : `> ${blocked.test} `
  const silent = blocked.kind === 'unreachable' ? ', which does not answer' : ''
  return `${during}tried ${describeBlocked(blocked)}${silent}`
}

/** What a cell is too small for. */
function details(file: FileReport, root: string | undefined): string[] {
  const { leaks, writes, state } = file
  // That a target does not answer is of interest where something failed.
  const blocked = file.blocked.filter(({ kind }) => kind !== 'unreachable' || state === 'failed')
  return [
    ...(file.flaky === undefined ? [] : [` ${fileName(file)} is flaky: it ${describeFlakiness(file.flaky)}`]),
    ...(file.quarantined === undefined
      ? []
      : [` ${fileName(file)} ${describeQuarantined(file.quarantined)}`]),
    ...leaks.map((leak) => ` ${fileName(file)} left behind ${describeLeak(leak)}`),
    ...blocked.map((one) => ` ${fileName(file)} ${describeTry(one)}`),
    ...(writes.discarded.length === 0
      ? []
      : [` ${fileName(file)} ${describeWrites(writes.discarded, root)}: discarded`]),
  ]
}

function bySlowness(a: FileReport, b: FileReport): number {
  return (b.usage.wall ?? 0) - (a.usage.wall ?? 0)
}

function shown<T>(value: T | undefined, format: (value: T) => string): string {
  return value === undefined ? '-' : format(value)
}

function bytes(value: number): string {
  return prettyBytes(value, { binary: true, maximumFractionDigits: 1 })
}

function duration(milliseconds: number): string {
  return milliseconds >= 1000 && milliseconds < 60_000
    ? `${(milliseconds / 1000).toFixed(1)}s`
    : ms(Math.round(milliseconds))
}
