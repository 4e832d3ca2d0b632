import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { Table } from 'console-table-printer'
import { parseDuration } from '../config/units.js'
import { GloveboxError } from '../errors.js'
import {
  dayOf,
  formatQuarantine,
  hasExpired,
  isDay,
  nameOf,
  parseQuarantine,
  type QuarantineEntry,
  quarantineFile,
} from '../flaky/quarantine.js'
import type { QuarantineActions } from './quarantine-command.js'

/** What `glovebox quarantine` does in a directory. Each returns the exit status; throws GLOVEBOX_CONFIG. */
export function quarantineIn(root: string, now: Date, write: (text: string) => void): QuarantineActions {
  const path = join(root, quarantineFile)
  const today = dayOf(now)
  const read = (): QuarantineEntry[] =>
    existsSync(path) ? parseQuarantine(readFileSync(path, 'utf8'), quarantineFile) : []
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
    list({ json }) {
      const entries = read()
      if (json) write(formatQuarantine(entries))
      else write(entries.length === 0 ? 'Nothing is in quarantine.\n' : `${tableOf(entries, today)}\n`)
      return entries.some((entry) => hasExpired(entry, today)) ? 1 : 0
    },
    prune() {
      const entries = read()
      const kept = entries.filter((entry) => !hasExpired(entry, today) && existsSync(join(root, entry.file)))
      const gone = entries.filter((entry) => !kept.includes(entry))
      if (gone.length > 0) save(kept)
      for (const entry of gone) write(`${nameOf(entry)} is no longer in quarantine.\n`)
      if (gone.length === 0) write('Nothing to take off.\n')
      return 0
    },
  }
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
