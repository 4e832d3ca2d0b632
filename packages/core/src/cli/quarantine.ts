import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Table } from 'console-table-printer'
import { parseCount, parseDuration } from '../config/units.js'
import { GloveboxError } from '../errors.js'
import { readHistory } from '../flaky/history.js'
import {
  dayOf,
  formatQuarantine,
  hasExpired,
  isDay,
  nameOf,
  type QuarantineEntry,
  quarantineFile,
} from '../flaky/quarantine.js'
import { readQuarantine } from '../flaky/quarantine-file.js'
import { describeStability, type StableEntry, stableEntries } from '../flaky/stable.js'
import { stableAfter } from '../flaky/stable-after.js'
import { historyFile } from './history-command.js'
import type { QuarantineActions } from './quarantine-command.js'

/** What `glovebox quarantine` does in a directory. Each returns the exit status; throws GLOVEBOX_CONFIG and GLOVEBOX_HISTORY. */
export function quarantineIn(root: string, now: Date, write: (text: string) => void): QuarantineActions {
  const path = join(root, quarantineFile)
  const today = dayOf(now)
  const read = () => readQuarantine(root)
  // At once or not at all: a run may read it meanwhile.
  const save = (entries: readonly QuarantineEntry[]): void => {
    writeFileSync(`${path}.new`, formatQuarantine(entries))
    renameSync(`${path}.new`, path)
  }
  return {
    add(typed, { test, owner, reason, expires }) {
      const file = relative(root, resolve(root, typed))
      if (file.startsWith('..') || !existsSync(join(root, file)))
        throw new GloveboxError('GLOVEBOX_CONFIG', `${typed}: there is no such file in ${root}`)
      const entry: QuarantineEntry = { file, test, owner, reason, expires: lastDay(expires, now) }
      const isSame = (each: QuarantineEntry) => each.file === file && each.test === test
      save([...read().filter((each) => !isSame(each)), entry])
      write(`${nameOf(entry)} is in quarantine until ${entry.expires}.\n`)
      return 0
    },
    list({ json, history }) {
      const entries = read()
      const stable = stableIn(root, entries, history, stableAfter)
      if (json) write(formatQuarantine(entries))
      else write(entries.length === 0 ? 'Nothing is in quarantine.\n' : `${tableOf(entries, today)}\n`)
      if (!json)
        for (const { entry, streak } of stable) write(`${nameOf(entry)} ${describeStability(streak)}.\n`)
      return entries.some((entry) => hasExpired(entry, today)) ? 1 : 0
    },
    prune({ stable: wanted, after, history }) {
      const entries = read()
      const stable = wanted ? stableIn(root, entries, history ?? historyFile, countOf(after)) : []
      const isStable = (entry: QuarantineEntry) => stable.some((each) => each.entry === entry)
      const kept = entries.filter(
        (entry) => !hasExpired(entry, today) && !isStable(entry) && existsSync(join(root, entry.file)),
      )
      const gone = entries.filter((entry) => !kept.includes(entry))
      if (gone.length > 0) save(kept)
      for (const entry of gone) write(`${nameOf(entry)} is no longer in quarantine.\n`)
      if (gone.length === 0) write('Nothing to take off.\n')
      return 0
    },
  }
}

/** What fails no more. `history`: as typed; where nothing was, none need be there. */
function stableIn(
  root: string,
  entries: readonly QuarantineEntry[],
  history: string | undefined,
  after: number,
): StableEntry[] {
  const path = resolve(root, history ?? historyFile)
  return history === undefined && !existsSync(path) ? [] : stableEntries(entries, readHistory(path), after)
}

function countOf(typed: string): number {
  const count = parseCount(typed)
  if (count !== undefined && count > 0) return count
  throw new GloveboxError('GLOVEBOX_CONFIG', `--after ${typed}: a whole number above 0 is needed`)
}

function tableOf(entries: readonly QuarantineEntry[], today: string): string {
  const table = new Table({ shouldDisableColors: true, defaultColumnOptions: { alignment: 'left' } })
  for (const entry of entries) {
    const expires = hasExpired(entry, today) ? `${entry.expires} (expired)` : entry.expires
    table.addRow({
      file: entry.file,
      test: entry.test ?? '(all)',
      owner: entry.owner,
      reason: entry.reason,
      expires,
    })
  }
  return table.render()
}

function lastDay(typed: string, now: Date): string {
  if (isDay(typed)) return typed
  const milliseconds = parseDuration(typed)
  if (milliseconds === undefined || milliseconds <= 0 || /^\d+$/.test(typed))
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `--expires ${typed}: a day such as 2026-12-31 or a duration such as 14d is needed`,
    )
  return dayOf(new Date(now.getTime() + milliseconds))
}
