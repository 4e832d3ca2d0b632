import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type Libsql from 'libsql'
import { GloveboxError } from '../errors.js'

/** Milliseconds for which a writer waits for others, shards of the same machine say. */
const patience = 10_000

/** "GBhi": by it a history is told from other databases. */
const applicationId = 0x47_42_68_69
/** Of the tables below. A history with a higher one was written by a later Glovebox. */
const schemaVersion = 1

/*
 * A row of `outcomes`: one test of one run, `passed` and `failed` counting its executions there. `test` of `tests` is '' for the file as a
 * whole. Rows are written once and never changed, and runs have unique ids: that is why merging is exact. Keys are this database's own.
 */
const schema = `
  create table runs (
    key integer primary key, id text not null unique, started text not null, runner text not null, code text, branch text, shard text
  ) strict;
  create table tests (
    key integer primary key, project text not null, file text not null, test text not null, unique (project, file, test)
  ) strict;
  create table outcomes (
    test integer not null references tests (key), run integer not null references runs (key),
    passed integer not null, failed integer not null, quarantined integer not null, duration real,
    primary key (test, run)
  ) strict, without rowid;
  pragma application_id = ${applicationId};
  pragma user_version = ${schemaVersion};`

export type Database = Libsql.Database

export interface OpenOptions {
  /** Whether it is made if it is not there. */
  create?: boolean
  /** How long a lock is waited for, milliseconds. */
  wait?: number
  /** Another history, which is `other` to SQL. */
  beside?: string
}

/**
 * Runs `use` with an open history, in one transaction if it is to be made or written (`create`). Throws GLOVEBOX_HISTORY for what is
 * missing, locked, damaged, no history, or of a later version. Synchronous: a runner may be about to exit.
 */
export function withHistory<Result>(
  path: string,
  { create = false, wait = patience, beside }: OpenOptions,
  use: (database: Database) => Result,
): Result {
  if (!create && !existsSync(path))
    throw new GloveboxError('GLOVEBOX_HISTORY', `${path}: there is no such file`)
  try {
    if (create) mkdirSync(dirname(path), { recursive: true })
    const database = open(path, wait)
    try {
      if (beside !== undefined) database.prepare('attach database ? as other').run(beside)
      return create ? transact(database, path, use) : read(database, path, use)
    } finally {
      database.close()
    }
  } catch (error) {
    throw explained(error, path, wait)
  }
}

/** Loaded when it is wanted: an ordinary run should not pay for it. */
function open(path: string, wait: number): Database {
  const Database = createRequire(import.meta.url)('libsql') as typeof Libsql
  return new Database(path, { timeout: wait })
}

function read<Result>(database: Database, path: string, use: (database: Database) => Result): Result {
  if (isEmpty(database, path)) throw new GloveboxError('GLOVEBOX_HISTORY', `${path}: is empty, no history`)
  return use(database)
}

function transact<Result>(database: Database, path: string, use: (database: Database) => Result): Result {
  // At once: what was read could otherwise be outdated when the first row is written.
  database.exec('begin immediate')
  try {
    if (isEmpty(database, path)) database.exec(schema)
    const result = use(database)
    database.exec('commit')
    return result
  } catch (error) {
    if (database.inTransaction) database.exec('rollback')
    throw error
  }
}

/** Whether there is nothing in it yet; throws for what is not a history that can be read. */
function isEmpty(database: Database, path: string): boolean {
  const number = (sql: string) => Object.values(database.prepare(sql).get() as Record<string, number>)[0] ?? 0
  const [application, version] = [number('pragma application_id'), number('pragma user_version')]
  if (application === applicationId && version === schemaVersion) return false
  if (application === applicationId)
    throw new GloveboxError(
      'GLOVEBOX_HISTORY',
      `${path}: was written by a later version of Glovebox (format ${version})`,
      {
        remedy: 'Update @glovebox/core, or choose another path.',
      },
    )
  if (application === 0 && version === 0 && number('select count(*) from sqlite_schema') === 0) return true
  throw new GloveboxError('GLOVEBOX_HISTORY', `${path}: is a database of another program`, {
    remedy: 'Choose another path.',
  })
}

/** What SQLite says, with what can be done about it. */
function explained(error: unknown, path: string, wait: number): unknown {
  if (error instanceof GloveboxError) return error
  const { code = '', message } = error as { code?: string; message: string }
  const fault = (what: string, remedy: string) =>
    new GloveboxError('GLOVEBOX_HISTORY', `${path}: ${what}`, { remedy, cause: error })
  if (code.startsWith('SQLITE_BUSY'))
    return fault(
      `is in use by another process, for more than ${wait / 1000} s`,
      'Try again when that is done.',
    )
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT'))
    return fault(`is damaged, or no database (${message})`, 'Move it away: a new one is begun.')
  if (code.startsWith('SQLITE_FULL')) return fault('there is no space left for it', 'Make some.')
  if (code === 'MODULE_NOT_FOUND')
    return fault(
      `cannot be opened, as libsql is not installed for this machine (${message.split('\n')[0]})`,
      'Install again, on this machine and with optional dependencies.',
    )
  const reason = /ConnectionFailed\("(.*)"\)/.exec(message)?.[1] ?? message
  return fault(`cannot be opened or written (${reason})`, 'Is it a file, in a directory that may be written?')
}
