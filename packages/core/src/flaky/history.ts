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
    const { changes } = database
      .prepare('insert or ignore into runs values (?, ?, ?, ?, ?, ?)')
      .run(id, started, runner, commit, branch, shard)
    if (changes === 0) return
    const insert = database.prepare('insert into outcomes values (?, ?, ?, ?, ?, ?, ?, ?)')
    for (const { project, file, test, passed, failed, quarantined, duration = null } of outcomes)
      insert.run(id, project, file, test, passed, failed, Number(quarantined), duration)
  })
}

/** Adds the runs of other histories that `into` does not have yet. Returns how many there were. Throws GLOVEBOX_HISTORY. */
export function mergeHistories(into: string, from: readonly string[]): number {
  // Whatever is wrong with one of them is said before anything is written.
  for (const path of from) withHistory(path, {}, countRuns)
  return from.reduce((sum, path) => {
    const runs = withHistory(path, {}, allRuns)
    return sum + withHistory(into, { create: true }, (database) => copyRuns(database, runs))
  }, 0)
}

/** What is known of each test, the flakiest first. Throws GLOVEBOX_HISTORY. */
export function readHistory(path: string, { branch, since }: HistoryFilter = {}): TestHistory[] {
  const rows = withHistory(
    path,
    {},
    (database) => database.prepare(summary).all(branch ?? null, since ?? null) as SummaryRow[],
  )
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
    select o.*, r.started, coalesce(r.code, r.id) as version from outcomes o join runs r on r.id = o.run
    where r.branch is coalesce(?1, r.branch) and r.started >= coalesce(?2, '')
  ), versions as (
    select project, file, test, sum(passed) as passed, sum(failed) as failed, max(started) as ran,
      max(case when failed > 0 then started end) as broke
    from chosen group by project, file, test, version
  ), tests as (
    select project, file, test, sum(passed) as passed, sum(failed) as failed,
      sum(iif(passed > 0, failed, 0)) as flaked, sum(iif(passed > 0, passed + failed, 0)) as comparable,
      max(ran) as lastRun, max(broke) as lastFailed
    from versions group by project, file, test
  ), streaks as (
    select project, file, test, sum(c.passed) as streak from tests t join chosen c using (project, file, test)
    where c.started > coalesce(t.lastFailed, '') group by project, file, test
  )
  select tests.*, coalesce(streak, 0) as streak from tests left join streaks using (project, file, test)`

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

type Row = Record<string, string | number | null>

interface StoredRun {
  run: Row
  outcomes: readonly Row[]
}

function allRuns(database: Database): StoredRun[] {
  const outcomes = database.prepare('select * from outcomes where run = ?')
  const runs = database.prepare('select * from runs order by started, id').all() as Row[]
  return runs.map((run) => ({ run, outcomes: outcomes.all(run.id) as Row[] }))
}

function copyRuns(database: Database, runs: readonly StoredRun[]): number {
  const addRun = database.prepare('insert or ignore into runs values (?, ?, ?, ?, ?, ?)')
  const addOutcome = database.prepare('insert into outcomes values (?, ?, ?, ?, ?, ?, ?, ?)')
  let added = 0
  for (const { run, outcomes } of runs) {
    if (addRun.run(...Object.values(run)).changes === 0) continue
    added++
    for (const outcome of outcomes) addOutcome.run(...Object.values(outcome))
  }
  return added
}

function countRuns(database: Database): number {
  return (database.prepare('select count(*) as count from runs').get() as { count: number }).count
}
