import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { FlakyOptions, ReportOptions } from '../config/parsed-options.js'
import { GloveboxError } from '../errors.js'
import { tested } from '../flaky/ci-environment.js'
import { addRun, readHistory } from '../flaky/history.js'
import { outcomesOf } from '../flaky/outcomes.js'
import { dayOf, expiryNotices } from '../flaky/quarantine.js'
import { readQuarantine } from '../flaky/quarantine-file.js'
import { stableEntries, stableNotices } from '../flaky/stable.js'
import { ctrfReport } from './ctrf.js'
import { githubReport } from './github.js'
import { jsonReport } from './json.js'
import { junitReport, type RunReportInput } from './junit.js'
import { textReport } from './text.js'

/** A run that is over. */
export interface FinishedRun extends RunReportInput {
  root: string
  /** `2/5` */
  shard?: string | undefined
  options: { report: ReportOptions; flaky: FlakyOptions }
}

/**
 * Everything that is reported after a run: the table, on `write`; files; what GitHub Actions shows; the history. Synchronous, since the
 * runner may be about to exit. What is wrong with the history is said, and is no reason to fail: throws only if a file that was asked for
 * cannot be written, after all else.
 */
export function reportRun(
  run: FinishedRun,
  write: (text: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const { report, flaky } = run.options
  const text = textReport(run.files, report.table, run.root)
  if (text !== '') write(`${text}\n`)
  const path = flaky.history && resolve(run.root, flaky.history)
  const { fault, stable } = path ? remember(run, path, environment) : nothing
  for (const notice of [...(fault === undefined ? [] : [fault]), ...stable]) write(` Glovebox: ${notice}\n`)
  if (report.github === 'auto' && environment.GITHUB_ACTIONS === 'true')
    tellGithub(run, stable, write, environment)
  for (const [path, content] of documents(run, environment)) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

function documents(run: FinishedRun, environment: NodeJS.ProcessEnv): [path: string, content: string][] {
  const { json, junit, ctrf } = run.options.report
  const at = (path: string | undefined, content: () => string): [string, string][] =>
    path === undefined ? [] : [[resolve(run.root, path), content()]]
  return [
    ...at(json, () => jsonReport(run)),
    ...at(junit, () => junitReport(run)),
    ...at(ctrf, () => ctrfReport(run, environment)),
  ]
}

/** What the history brings up: why it could not be written, and which entries in quarantine seem stable. */
interface Remembered {
  fault?: string
  stable: readonly string[]
}

const nothing: Remembered = { stable: [] }

/** Adds the run to the history. */
function remember(run: FinishedRun, path: string, environment: NodeJS.ProcessEnv): Remembered {
  const { started, runner, shard, files, root } = run
  try {
    const identity = { id: randomUUID(), started: new Date(started).toISOString(), runner }
    // The runner knows better than the service which part of the files this was.
    const about = { ...tested(environment), ...(shard !== undefined && { shard }) }
    addRun(path, { ...identity, ...about }, files.flatMap(outcomesOf))
    const entries = readQuarantine(root)
    if (entries.length === 0) return nothing
    const concerned = entries.map(({ file }) => file)
    return { stable: stableNotices(stableEntries(entries, readHistory(path, { files: concerned }))) }
  } catch (error) {
    if (!(error instanceof GloveboxError)) throw error
    return { fault: `the run is not in the history: ${error.message}`, stable: [] }
  }
}

function tellGithub(
  run: FinishedRun,
  stable: readonly string[],
  write: (text: string) => void,
  environment: NodeJS.ProcessEnv,
): void {
  const { files, root } = run
  const expired = expiryNotices(readQuarantine(root), dayOf(new Date()))
  const { GITHUB_WORKSPACE: workspace, GITHUB_STEP_SUMMARY: path } = environment
  const { annotations, summary } = githubReport({ files, notices: [...expired, ...stable], root, workspace })
  if (annotations !== '') write(`\n${annotations}`)
  if (path === undefined || summary === '') return
  try {
    appendFileSync(path, summary)
  } catch (error) {
    write(` Glovebox: the summary of the job cannot be written: ${(error as Error).message}\n`)
  }
}
