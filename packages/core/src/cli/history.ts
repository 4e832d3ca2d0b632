import { resolve } from 'node:path'
import { Table } from 'console-table-printer'
import picomatch from 'picomatch'
import { parseDuration, parseShare } from '../config/units.js'
import { GloveboxError } from '../errors.js'
import { countRunsOf, forgetRuns, mergeHistories, readHistory, type TestHistory } from '../flaky/history.js'
import { isDay } from '../flaky/quarantine.js'
import { percent } from '../verdict/stress.js'
import type { HistoryActions, HistoryFlags } from './history-command.js'

/** What `glovebox history` does in a directory. Each returns the exit status; throws GLOVEBOX_CONFIG and GLOVEBOX_HISTORY. */
export function historyIn(root: string, now: Date, write: (text: string) => void): HistoryActions {
  return {
    list(flags) {
      const { branch, since } = flags
      const path = resolve(root, flags.db)
      const chosen = chooserOf(flags)
      const tests = readHistory(path, { branch, since: since && firstMoment('since', since, now) }).filter(
        chosen,
      )
      if (flags.json) write(`${JSON.stringify({ version: 1, tests }, undefined, 2)}\n`)
      else write(tests.length === 0 ? `Nothing was flaky.\n` : `${tableOf(tests)}\n`)
      return 0
    },
    merge(into, from) {
      const path = resolve(root, into)
      const added = mergeHistories(
        path,
        from.map((each) => resolve(root, each)),
      )
      write(`${added} ${added === 1 ? 'run' : 'runs'} added; ${into} has ${countRunsOf(path)}.\n`)
      return 0
    },
    prune({ db, before }) {
      const forgotten = forgetRuns(resolve(root, db), firstMoment('before', before, now))
      write(`${forgotten} ${forgotten === 1 ? 'run' : 'runs'} forgotten.\n`)
      return 0
    },
  }
}

/** Which tests are wanted. */
function chooserOf({ file, test, minRate, files, all }: HistoryFlags): (history: TestHistory) => boolean {
  const least = parseShare(minRate)
  if (least === undefined)
    throw new GloveboxError('GLOVEBOX_CONFIG', `--min-rate ${minRate}: a share such as 1% or 0.01 is needed`)
  const matches = file === undefined ? () => true : picomatch(file, { dot: true })
  return (history) =>
    (history.test === '') === Boolean(files) &&
    (all || history.flaked > 0) === true &&
    history.rate >= least &&
    matches(history.file) &&
    (test === undefined || history.test.includes(test))
}

function tableOf(tests: readonly TestHistory[]): string {
  const table = new Table({
    shouldDisableColors: true,
    columns: [
      { name: 'test', alignment: 'left' },
      { name: 'flaky', alignment: 'right' },
      { name: '95 % interval', alignment: 'left' },
      { name: 'failed', alignment: 'right' },
      { name: 'passes since', alignment: 'right' },
      { name: 'last failure', alignment: 'left' },
    ],
  })
  for (const { project, file, test, rate, interval, flaked, comparable, streak, lastFailed } of tests) {
    table.addRow({
      test: printable([project, test === '' ? file : `${file} › ${test}`].filter(Boolean).join(' ')),
      flaky: percent(rate),
      '95 % interval': `${percent(interval.low)} to ${percent(interval.high)}`,
      failed: `${flaked} of ${comparable}`,
      'passes since': streak,
      'last failure': lastFailed?.slice(0, 10) ?? '-',
    })
  }
  return table.render()
}

/** The table counts control characters wrongly. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

/** The beginning of a day, or so long before now. */
function firstMoment(flag: string, typed: string, now: Date): string {
  if (isDay(typed)) return typed
  const milliseconds = parseDuration(typed)
  if (milliseconds === undefined || milliseconds <= 0 || /^\d+$/.test(typed))
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `--${flag} ${typed}: a day such as 2026-12-31 or a duration such as 30d is needed`,
    )
  return new Date(now.getTime() - milliseconds).toISOString()
}
