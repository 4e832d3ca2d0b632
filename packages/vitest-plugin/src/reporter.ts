import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type FileReport, jsonReport, textReport } from '@glovebox/core/adapter'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { sessionsOf } from './session.js'
import './meta.js'

/** Says what the user should know before a run, and after it what the files used. On standard error, so that reports on standard output stay whole. */
export function createReporter(vitest: Vitest, notices: ReadonlySet<string>): Reporter {
  return {
    async onTestRunStart(specifications) {
      const sessions = await Promise.all(sessionsOf(vitest).map(({ session }) => session))
      for (const session of sessions) session.beginRun(specifications.map(({ moduleId }) => moduleId))
      const said = new Set([...notices, ...sessions.flatMap((session) => session.notices)])
      for (const notice of said) vitest.logger.error(` Glovebox: ${notice}`)
    },
    async onTestRunEnd(modules) {
      const [opened] = sessionsOf(vitest)
      const report = opened ? (await opened.session).report : { table: 'auto' as const }
      const files = modules.flatMap(toFileReport)
      const text = textReport(files, report.table)
      if (text !== '') vitest.logger.error(text)
      if (!('json' in report) || report.json === undefined) return
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
