import { type FlakyOptions, failUntilDone, type ReportOptions, reportRun } from '@glovebox/core/adapter'
import type { Reporter, Vitest } from 'vitest/node'
import { projectNotices } from './notices.js'
import { sessionsOf } from './session.js'
import { testedFile } from './tested-file.js'
import './meta.js'

interface Options {
  report: ReportOptions
  flaky: FlakyOptions
}

/**
 * Says what the user should know before a run, and after it what the files used. On standard error, so that reports
 * on standard output stay whole.
 */
export function createReporter(vitest: Vitest, options: Options): Reporter {
  const said = new Set<string>()
  const say = (notices: readonly string[]): void => {
    for (const notice of notices.filter((each) => !said.has(each)))
      vitest.logger.error(` Glovebox: ${notice}`)
    for (const notice of notices) said.add(notice)
  }
  let release = (): void => {}
  let started = Date.now()
  return {
    async onTestRunStart(specifications) {
      release()
      started = Date.now()
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
      const { root, shard, mergeReports } = vitest.config
      const run = {
        runner: `vitest ${vitest.version}`,
        started,
        ended: Date.now(),
        root,
        shard: shard && `${shard.index}/${shard.count}`,
        files: modules.flatMap((module) => testedFile(module, root)),
        options: mergeReports === undefined ? options : withoutHistory(options),
      }
      reportRun(run, (text) => vitest.logger.error(text.replace(/\n$/, '')))
    },
  }
}

/** Reports that are merged are of runs that have added themselves. */
function withoutHistory({ report, flaky }: Options): Options {
  return { report, flaky: { ...flaky, history: undefined } }
}
