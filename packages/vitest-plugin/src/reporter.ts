import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  type FileReport,
  failUntilDone,
  jsonReport,
  type ReportOptions,
  textReport,
} from '@glovebox/core/adapter'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { projectNotices } from './notices.js'
import { sessionsOf } from './session.js'
import './meta.js'

/**
 * Says what the user should know before a run, and after it what the files used. On standard error, so that reports
 * on standard output stay whole.
 */
export function createReporter(vitest: Vitest, report: ReportOptions): Reporter {
  const said = new Set<string>()
  const say = (notices: readonly string[]): void => {
    for (const notice of notices.filter((each) => !said.has(each)))
      vitest.logger.error(` Glovebox: ${notice}`)
    for (const notice of notices) said.add(notice)
  }
  let release = (): void => {}
  return {
    async onTestRunStart(specifications) {
      release()
      // In watch mode it is up to the user when to end.
      if (!vitest.config.watch) release = failUntilDone('Vitest ended before its run was done.')
      said.clear()
      say(projectNotices(vitest))
      for (const session of await sessionsOf(vitest)) {
        session.beginRun(specifications.map(({ moduleId }) => moduleId))
        say(session.notices)
      }
    },
    async onTestRunEnd(modules) {
      release()
      // Files that ran may have brought more.
      for (const session of await sessionsOf(vitest)) say(session.notices)
      const files = modules.flatMap(toFileReport)
      const text = textReport(files, report.table, vitest.config.root)
      if (text !== '') vitest.logger.error(text)
      if (report.json === undefined) return
      const path = resolve(vitest.config.root, report.json)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, jsonReport({ runner: `vitest ${vitest.version}`, files }))
    },
  }
}

function toFileReport(module: TestModule): FileReport[] {
  const record = module.meta().glovebox
  if (record === undefined) return []
  const { name } = module.project
  return [
    {
      file: module.relativeModuleId,
      ...(name !== '' && { project: name }),
      state: module.state(),
      ...record,
    },
  ]
}
