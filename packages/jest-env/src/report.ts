import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type * as Core from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { Config } from '@jest/types'
import type { Test } from 'jest-runner'
import type { JestModules } from './jest-modules.js'
import type { FileOutcome } from './judge.js'
import type { Sessions } from './sessions.js'

/** What is said before a run, and after it of what the files used. On standard error, so that reports on standard output stay whole. */
export interface RunReport {
  add(test: Test, outcome: FileOutcome): void
  /** Says what is new since it was last called. */
  sayNotices(): void
  /** Prints the table and writes the JSON report. Idempotent, and synchronous: `--bail` ends the process. */
  finish(): void
}

export interface RunReportInput {
  core: typeof Core
  sessions: Sessions
  jest: JestModules
  globalConfig: Config.GlobalConfig
  notices: readonly string[]
}

export function createReport({ core, sessions, jest, globalConfig, notices }: RunReportInput): RunReport {
  const { rootDir } = globalConfig
  const files: Core.FileReport[] = []
  const said = new Set<string>()
  let finished = false
  let write = (text: string): void => void process.stderr.write(text)
  const say = (lines: readonly string[]): void => {
    for (const line of lines.filter((each) => !said.has(each))) write(` Glovebox: ${line}\n`)
    for (const line of lines) said.add(line)
  }
  /** With --bail, Jest ends the process; its reporters would then keep what goes to the stream. */
  const atExit = (): void => {
    write = writeAtOnce
    report.finish()
  }
  const report = {
    add(test: Test, outcome: FileOutcome): void {
      files.push(...toFileReport(test, outcome, rootDir))
    },
    sayNotices(): void {
      say([...notices, ...sessions.all.flatMap((session) => session.notices)])
    },
    finish(): void {
      if (finished) return
      finished = true
      process.off('exit', atExit)
      report.sayNotices()
      const options = sessions.all[0]?.report
      if (options === undefined) return
      const text = core.textReport(files, options.table, rootDir)
      if (text !== '') write(`${text}\n`)
      if (options.json === undefined) return
      const path = resolve(rootDir, options.json)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, core.jsonReport({ runner: `jest ${versionOf(jest)}`, files }))
    },
  }
  process.once('exit', atExit)
  return report
}

function writeAtOnce(text: string): void {
  try {
    writeSync(process.stderr.fd, text)
  } catch {
    // Nobody reads it any more.
  }
}

function toFileReport({ path, context }: Test, outcome: FileOutcome, rootDir: string): Core.FileReport[] {
  const record = 'result' in outcome ? outcome.result.glovebox : outcome.error.glovebox
  if (record === undefined) return []
  const project = context.config.displayName?.name
  return [
    {
      file: relative(rootDir, path),
      ...(project !== undefined && { project }),
      state: stateOf(outcome),
      ...record,
    },
  ]
}

function stateOf(outcome: FileOutcome): Core.FileReport['state'] {
  if ('error' in outcome) return 'failed'
  const { numFailingTests, testExecError, skipped } = outcome.result
  if (numFailingTests > 0 || testExecError) return 'failed'
  return skipped ? 'skipped' : 'passed'
}

export function versionOf({ path }: JestModules): string {
  const manifest = JSON.parse(readFileSync(join(dirname(dirname(path)), 'package.json'), 'utf8')) as {
    version: string
  }
  return manifest.version
}
