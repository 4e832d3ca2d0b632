import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Libsql from 'libsql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addRun, countRunsOf, forgetRuns, mergeHistories, readHistory, type TestOutcome } from './history.js'

const Database = createRequire(import.meta.url)('libsql') as typeof Libsql

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gbtest-history-'))
  path = join(directory, 'history.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

let runs = 0
/** A run of one test, which passed and failed so often. */
function add(
  passed: number,
  failed: number,
  more: { commit?: string; branch?: string; to?: string } = {},
): void {
  const { to = path, ...known } = more
  const started = new Date(Date.UTC(2026, 0, 1) + runs++ * 1000).toISOString()
  addRun(to, { id: `run ${runs}`, started, runner: 'vitest 5.1.1', ...known }, [outcome(passed, failed)])
}

function outcome(passed: number, failed: number): TestOutcome {
  return { project: '', file: 'a.test.ts', test: 'cart > adds', passed, failed, quarantined: false }
}

test('the rate counts failures at commits at which the test passed as well, with an interval', () => {
  for (let count = 0; count < 18; count++) add(1, 0, { commit: 'one' })
  add(1, 1, { commit: 'one' })
  const [adds] = readHistory(path)
  expect(adds).toMatchObject({ passed: 19, failed: 1, flaked: 1, comparable: 20, rate: 0.05, streak: 0 })
  // Wilson's interval of 1 in 20, from a table.
  expect(adds?.interval.low).toBeCloseTo(0.0089, 4)
  expect(adds?.interval.high).toBeCloseTo(0.2361, 4)
})

test('a test that is broken at a commit is not flaky for that, in another run of an unknown one neither', () => {
  add(1, 0, { commit: 'good' })
  add(0, 1, { commit: 'bad' })
  add(0, 1, { commit: 'bad' })
  add(0, 1)
  add(1, 0)
  expect(readHistory(path)).toMatchObject([{ passed: 2, failed: 3, flaked: 0, comparable: 2, rate: 0 }])
})

test('what passed since the last failure is counted', () => {
  add(1, 1)
  add(1, 0)
  add(20, 0)
  expect(readHistory(path)).toMatchObject([{ streak: 21, lastFailed: expect.stringContaining('2026-01-01') }])
})

test('runs can be chosen by branch and date, and the flakiest tests come first', () => {
  add(1, 1, { branch: 'main' })
  add(1, 0, { branch: 'topic' })
  expect(readHistory(path, { branch: 'topic' })).toMatchObject([{ passed: 1, failed: 0 }])
  expect(readHistory(path, { since: '2027' })).toEqual([])
  const run = { id: 'other', started: '2026-02-01', runner: 'jest 30.0.0' }
  addRun(path, run, [
    { ...outcome(1, 3), test: 'worse' },
    { ...outcome(5, 0), test: 'never' },
  ])
  expect(readHistory(path).map(({ test: name }) => name)).toEqual(['worse', 'cart > adds', 'never'])
})

test('merging shards is exact, whatever the order, and a second time changes nothing', () => {
  const [one, two] = [join(directory, 'one.db'), join(directory, 'two.db')]
  add(1, 1, { commit: 'c', to: one })
  add(1, 0, { commit: 'c', to: two })
  add(2, 0, { commit: 'c', to: two })
  const all = join(directory, 'all.db')
  expect(mergeHistories(all, [one, two])).toBe(3)
  expect(mergeHistories(all, [two, one, all])).toBe(0)
  const other = join(directory, 'other.db')
  mergeHistories(other, [two, one])
  expect(readHistory(all)).toEqual(readHistory(other))
  expect(readHistory(all)).toMatchObject([{ passed: 4, failed: 1, comparable: 5 }])
  expect(countRunsOf(all)).toBe(3)
})

test('old runs can be forgotten, and tests with them that no other run has', () => {
  const old = { id: 'old', started: '2020-01-01', runner: 'jest 30.0.0' }
  addRun(path, old, [outcome(1, 1), { ...outcome(1, 1), test: 'gone' }])
  add(1, 0)
  expect(forgetRuns(path, '2025-01-01')).toBe(1)
  expect(readHistory(path)).toMatchObject([{ test: 'cart > adds', passed: 1, failed: 0 }])
  expect(forgetRuns(path, '2025-01-01')).toBe(0)
  expect(() => forgetRuns(join(directory, 'none.db'), '2025-01-01')).toThrow('there is no such file')
})

test('a run is written whole or not at all', () => {
  add(1, 0)
  const run = { id: 'broken', started: '2026-02-01', runner: 'vitest 5.1.1' }
  expect(() => addRun(path, run, [outcome(1, 0), outcome(1, 0)])).toThrow('UNIQUE constraint failed')
  expect(countRunsOf(path)).toBe(1)
})

test('what is no history is refused with what to do, and left as it is', () => {
  writeFileSync(path, 'by no means a database '.repeat(100))
  expect(() => add(1, 0)).toThrow('is damaged, or no database (file is not a database)\n  Move it away')
  expect(readFileSync(path, 'utf8')).toContain('by no means')
  const other = join(directory, 'other.db')
  withDatabase(other, 'create table cats (name text)')
  expect(() => add(1, 0, { to: other })).toThrow('is a database of another program')
  expect(() => readHistory(join(directory, 'none.db'))).toThrow('there is no such file')
  expect(() => add(1, 0, { to: directory })).toThrow(/cannot be opened or written \(.*\)\n {2}Is it a file/)
})

test('a history that is cut off is called damaged', () => {
  for (let count = 0; count < 50; count++) add(1, 0)
  const content = readFileSync(path)
  writeFileSync(path, content.subarray(0, content.length / 2))
  expect(() => readHistory(path)).toThrow('is damaged, or no database')
})

test('a history of a later version is refused', () => {
  add(1, 0)
  withDatabase(path, 'pragma user_version = 7')
  expect(() => add(1, 0)).toThrow(
    'was written by a later version of Glovebox (format 7)\n  Update @glovebox/core',
  )
  expect(() => readHistory(path)).toThrow('format 7')
})

test('who waits for another writer in vain is told', () => {
  add(1, 0)
  const holder = new Database(path)
  try {
    holder.exec('begin exclusive')
    const run = { id: 'late', started: '2026-02-01', runner: 'vitest 5.1.1' }
    expect(() => addRun(path, run, [], { wait: 50 })).toThrow(
      'is in use by another process, for more than 0.05 s',
    )
  } finally {
    holder.exec('rollback')
    holder.close()
  }
  expect(countRunsOf(path)).toBe(1)
})

function withDatabase(file: string, sql: string): void {
  const database = new Database(file)
  database.exec(sql)
  database.close()
}
