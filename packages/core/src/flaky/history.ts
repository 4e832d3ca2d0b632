import { resolve } from 'node:path'
import { rateInterval } from '../verdict/rate.js'
import { type Database, type OpenOptions, withHistory } from './history-database.js'

/** One run of a runner. */
export interface HistoryRun {
  /** Unique: two histories that hold the same id hold the same run. */
  id: string
  /** Moment, as `Date.toISOString` has it. */
  started: string
  /** Name and version: `vitest 5.1.1`. */
  runner: string
  /** What was tested, as far as it is known. */
  commit?: string | undefined
  branch?: string | undefined
  /** `2/5` */
  shard?: string | undefined
}

/** One test, or a file as a whole, in one run: how often it was executed, and how that ended. */
export interface TestOutcome {
  /** Name of the runner's project; '' if it has none. */
  project: string
  /** Relative to the runner's root. */
  file: string
  /** Suites first, joined by ` > `; '' for the file as a whole. */
  test: string
  passed: number
  failed: number
  /** Its failures did not fail the run. */
  quarantined: boolean
  /** Milliseconds, of the last execution. */
  duration?: number | undefined
}

/** What a history says of one test, or of a file as a whole. */
export interface TestHistory {
  project: string
  file: string
  test: string
  /** Executions, all of them. */
  passed: number
  failed: number
  /** Failures at commits at which it passed as well: of these the code cannot be the cause. */
  flaked: number
  /** Executions at these commits. */
  comparable: number
  /** `flaked / comparable`; 0 if there is nothing to compare. */
  rate: number
  /** 95 %, Wilson's. */
  interval: { low: number; high: number }
  /** Executions since the last failure, all of which passed. */
  streak: number
  /** Moments; absent if it never failed. */
  lastFailed?: string
  lastRun: string
}

export interface HistoryFilter {
  /** Exactly this branch. */
  branch?: string | undefined
  /** Runs from this moment on. */
  since?: string | undefined
  /** Tests of these files. */
  files?: readonly string[] | undefined
}

/** Adds a run, once: one whose id is there already changes nothing. Throws GLOVEBOX_HISTORY. */
export function addRun(
  path: string,
  run: HistoryRun,
  outcomes: readonly TestOutcome[],
  options: Pick<OpenOptions, 'wait'> = {},
): void {
  withHistory(path, { ...options, create: true }, (database) => {
    const { id, started, runner, commit = null, branch = null, shard = null } = run
    const added = database
      .prepare(
        'insert or ignore into runs (id, started, runner, code, branch, shard) values (?, ?, ?, ?, ?, ?)',
      )
      .run(id, started, runner, commit, branch, shard)
    if (added.changes === 0) return
    // At once: a call for each of thousands of rows takes longer than SQLite itself.
    const rows = JSON.stringify(outcomes)
    database
      .prepare(`
        insert or ignore into tests (project, file, test)
        select value ->> 'project', value ->> 'file', value ->> 'test' from json_each(?)`)
      .run(rows)
    database
      .prepare(`
        insert into outcomes
        select key, ?, value ->> 'passed', value ->> 'failed', value ->> 'quarantined', value ->> 'duration'
        from (select value from json_each(?)) join tests
        on project = value ->> 'project' and file = value ->> 'file' and test = value ->> 'test'`)
      .run(added.lastInsertRowid, rows)
  })
}

/** Adds the runs of other histories that `into` does not have yet. Returns how many there were. Throws GLOVEBOX_HISTORY. */
export function mergeHistories(into: string, from: readonly string[]): number {
  const others = from.filter((path) => resolve(path) !== resolve(into))
  // Whatever is wrong with one of them is said before anything is written.
  for (const path of others) withHistory(path, {}, countRuns)
  return others.reduce((sum, beside) => sum + withHistory(into, { create: true, beside }, addOther), 0)
}

/** Forgets runs that began before a moment. Returns how many there were. Throws GLOVEBOX_HISTORY. */
export function forgetRuns(path: string, before: string): number {
  countRunsOf(path)
  return withHistory(path, { create: true }, (database) => {
    database.prepare('delete from outcomes where run in (select key from runs where started < ?)').run(before)
    const { changes } = database.prepare('delete from runs where started < ?').run(before)
    database.exec('delete from tests where key not in (select test from outcomes)')
    return changes
  })
}

/** What is known of each test, the flakiest first. Throws GLOVEBOX_HISTORY. */
export function readHistory(path: string, { branch, since, files }: HistoryFilter = {}): TestHistory[] {
  const values = [branch ?? null, since ?? null, files === undefined ? null : JSON.stringify(files)]
  const rows = withHistory(path, {}, (database) => database.prepare(summary).all(...values) as SummaryRow[])
  return rows.map(toHistory).sort(byFlakiness)
}

/** How many runs there are. Throws GLOVEBOX_HISTORY. */
export function countRunsOf(path: string): number {
  return withHistory(path, {}, countRuns)
}

/**
 * Executions are counted by commit; runs whose commit is not known are compared with nothing but themselves. A failure after which a
 * test passed at the same commit is a flake; where it never passed it may as well be broken, and tells nothing about flakiness.
 */
const summary = `
  with chosen as (
    select o.test as key, o.passed, o.failed, r.started, coalesce(r.code, r.id) as version
    from outcomes o join runs r on r.key = o.run
    where r.branch is coalesce(?1, r.branch) and r.started >= coalesce(?2, '')
      and (?3 is null or o.test in (select key from tests where file in (select value from json_each(?3))))
  ), versions as (
    select key, sum(passed) as passed, sum(failed) as failed, max(started) as ran,
      max(case when failed > 0 then started end) as broke
    from chosen group by key, version
  ), sums as materialized (
    select key, sum(passed) as passed, sum(failed) as failed,
      sum(iif(passed > 0, failed, 0)) as flaked, sum(iif(passed > 0, passed + failed, 0)) as comparable,
      max(ran) as lastRun, max(broke) as lastFailed
    from versions group by key
  ), streaks as materialized (
    select s.key, sum(c.passed) as streak from chosen c join sums s on s.key = c.key
    where s.lastFailed is null or c.started > s.lastFailed group by s.key
  )
  select t.project, t.file, t.test, s.passed, s.failed, s.flaked, s.comparable, s.lastRun, s.lastFailed,
    coalesce(streaks.streak, 0) as streak
  from sums s join tests t on t.key = s.key left join streaks on streaks.key = s.key`

interface SummaryRow extends Omit<TestHistory, 'rate' | 'interval' | 'lastFailed'> {
  lastFailed: string | null
}

function toHistory({ lastFailed, ...row }: SummaryRow): TestHistory {
  const { flaked, comparable } = row
  return {
    ...row,
    rate: comparable === 0 ? 0 : flaked / comparable,
    interval: rateInterval({ failed: flaked, passed: comparable - flaked }),
    ...(lastFailed !== null && { lastFailed }),
  }
}

function byFlakiness(a: TestHistory, b: TestHistory): number {
  const name = ({ project, file, test }: TestHistory) => `${project}\0${file}\0${test}`
  return b.rate - a.rate || b.flaked - a.flaked || (name(a) < name(b) ? -1 : 1)
}

/** Adds what `other` has and this one has not. Returns how many runs that were. */
function addOther(database: Database): number {
  database.exec(`
    create temp table fresh as select key, id from other.runs where id not in (select id from main.runs);
    insert into main.runs (id, started, runner, code, branch, shard)
      select id, started, runner, code, branch, shard from other.runs where key in (select key from fresh) order by key;
    insert or ignore into main.tests (project, file, test)
      select project, file, test from other.tests where key in
        (select test from other.outcomes where run in (select key from fresh)) order by key;
    insert into main.outcomes
      select t.key, r.key, o.passed, o.failed, o.quarantined, o.duration
      from other.outcomes o
      join fresh f on f.key = o.run
      join main.runs r on r.id = f.id
      join other.tests n on n.key = o.test
      join main.tests t on t.project = n.project and t.file = n.file and t.test = n.test`)
  return (database.prepare('select count(*) as count from fresh').get() as { count: number }).count
}

function countRuns(database: Database): number {
  return (database.prepare('select count(*) as count from main.runs').get() as { count: number }).count
}
