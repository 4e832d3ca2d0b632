import { readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type * as Core from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { Config } from '@jest/types'
import type { Test } from 'jest-runner'
import type { JestModules } from './jest-modules.js'
import type { FileOutcome } from './judge.js'
import type { Sessions } from './sessions.js'
import { testedFile } from './tested-file.js'

/** What is said before a run, and after it of what the files used. On standard error, so that reports on standard output stay whole. */
export interface RunReport {
  add(test: Test, outcome: FileOutcome): void
  /** Says what is new since it was last called. */
  sayNotices(): void
  /** Prints the table and writes what else was asked for. Idempotent, and synchronous: `--bail` ends the process. */
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
  const { rootDir, shard } = globalConfig
  const started = Date.now()
  const files: Core.TestedFile[] = []
  const said = new Set<string>()
  const explain = (verdict: Core.Verdict) => core.explanationText(verdict, sessions.source)
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
      files.push(...testedFile(test, outcome, { rootDir, explain }))
    },
    sayNotices(): void {
      say([...notices, ...sessions.all.flatMap((session) => session.notices)])
    },
    finish(): void {
      if (finished) return
      finished = true
      process.off('exit', atExit)
      report.sayNotices()
      const [session] = sessions.all
      if (session === undefined) return
      const { report: wanted, flaky } = session
      const run = {
        runner: `jest ${versionOf(jest)}`,
        started,
        ended: Date.now(),
        root: rootDir,
        shard: shard && `${shard.shardIndex}/${shard.shardCount}`,
        files,
        options: { report: wanted, flaky },
      }
      core.reportRun(run, write)
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

export function versionOf({ path }: JestModules): string {
  const manifest = JSON.parse(readFileSync(join(dirname(dirname(path)), 'package.json'), 'utf8')) as {
    version: string
  }
  return manifest.version
}
