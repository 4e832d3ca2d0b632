import { Table } from 'console-table-printer'
import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import type { ReportTable } from '../config/options.js'
import { describeQuarantined } from '../flaky/quarantine.js'
import { describeBlocked, describeLeak } from '../verdict/explain.js'
import { describeCompany, describeFlakiness } from '../verdict/flakiness.js'
import { describeStress, type StressTally } from '../verdict/stress.js'
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
  return ['', ' Glovebox', render(listed, remarks), ...general, ...countsOf(files), ...notes].join('\n')
}

/** ` Files: 10 passed, 1 flaky, 1 in quarantine, 2 failed.` where the runner's own counts do not tell them apart. */
function countsOf(files: readonly FileReport[]): string[] {
  const flaky = files.filter(({ flaky }) => flaky !== undefined)
  const quarantined = files.filter((file) => file.quarantined !== undefined && file.flaky === undefined)
  const others = files.filter((file) => file.flaky === undefined && file.quarantined === undefined)
  if (others.length === files.length) return []
  const count = (state: FileReport['state']) => others.filter((file) => file.state === state).length
  return [
    ` Files: ${count('passed')} passed, ${flaky.length} flaky, ${quarantined.length} in quarantine, ${count('failed')} failed.`,
  ]
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
    ...(file.flaky === undefined
      ? []
      : [
          ` ${fileName(file)} is flaky: it ${describeFlakiness(file.flaky)}. ${describeCompany(file.flaky)}`.trimEnd(),
        ]),
    ...(file.stress === undefined ? [] : describeStressed(file, file.stress)),
    ...(file.quarantined === undefined
      ? []
      : [` ${fileName(file)} ${describeQuarantined(file.quarantined)}`]),
    ...(file.advice ?? []).map((advice) => ` ${fileName(file)} ${advice}`),
    ...leaks.map((leak) => ` ${fileName(file)} left behind ${describeLeak(leak)}`),
    ...blocked.map((one) => ` ${fileName(file)} ${describeTry(one)}`),
    ...(writes.discarded.length === 0
      ? []
      : [` ${fileName(file)} ${describeWrites(writes.discarded, root)}: discarded`]),
  ]
}

/** How often each test of a file failed that was run many times; those that never did are one line. */
function describeStressed(file: FileReport, stress: StressTally): string[] {
  const failing = stress.tests.filter(({ failed }) => failed > 0)
  const steady = stress.tests.length - failing.length
  return [
    ` ${fileName(file)} ${describeStress(stress)}`,
    ...failing.map(
      (tally) =>
        `   ${tally.test} ${describeStress({ runs: tally.passed + tally.failed, failed: tally.failed })}`,
    ),
    ...(steady > 0 && failing.length > 0
      ? [`   ${steady} other ${steady === 1 ? 'test' : 'tests'} never failed`]
      : []),
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
