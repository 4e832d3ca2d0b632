/** Jest's runner with a sandbox for each test file. Loaded by Jest's main process: `runner: '@glovebox/jest-env/runner'`. */
import type { TestEvents } from '@jest/test-result'
import type Emittery from 'emittery'
import type { EmittingTestRunner, Test, TestWatcher } from 'jest-runner'
import { runFile } from './file-run.js'
import { loadEmittery, loadJest } from './jest-modules.js'
import { errorOf, type FileOutcome } from './judge.js'
import { noticesOf } from './notices.js'
import { createReport } from './report.js'
import { findJestRunner } from './running-jest.js'
import { openSessions } from './sessions.js'
import { checkVersion } from './versions.js'
import { maxWorkers } from './worker-options.js'

const jest = loadJest(findJestRunner())
const Base: typeof EmittingTestRunner = jest.runner.EmittingTestRunner

export default class GloveboxRunner extends Base {
  readonly #events: Emittery<TestEvents> = new (loadEmittery(jest))()

  on<Name extends keyof TestEvents>(
    name: Name,
    listener: (data: TestEvents[Name]) => void | Promise<void>,
  ): () => void {
    return this.#events.on(name, listener)
  }

  /**
   * Rejects, which ends the run: `GLOVEBOX_UNSUPPORTED_RUNNER` (Jest before 29.7), `GLOVEBOX_CONFIG` (a wrong option), and, unless
   * `onUnsupported` is `'warn'`, `GLOVEBOX_UNSUPPORTED_HOST`, `GLOVEBOX_UNSUPPORTED_PLATFORM` or `GLOVEBOX_NO_SUPERVISOR`.
   */
  async runTests(tests: Test[], watcher: TestWatcher): Promise<void> {
    const globalConfig = this._globalConfig
    const core = await import('@glovebox/core/adapter')
    checkVersion(jest, core.GloveboxError)
    const sessions = await openSessions({ jest, globalConfig, runnerOptions: this._options, tests }).catch(
      (error: Error) => {
        throw clean(error)
      },
    )
    const report = createReport({ core, sessions, jest, globalConfig, notices: noticesOf(globalConfig) })
    const interruption = new AbortController()
    const unwatch = watcher.on('change', ({ interrupted }) => {
      if (interrupted) interruption.abort()
    })
    try {
      report.sayNotices()
      const waiting = [...tests]
      const lane = async (workerId: string): Promise<void> => {
        for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
          if (watcher.isInterrupted()) return
          await this.#run(
            test,
            (file) =>
              runFile({
                test: file,
                workerId,
                session: sessions.of(file),
                warm: sessions.warmUps.of(file),
                source: sessions.source,
                jest,
                globalConfig,
                context: this._context,
                signal: interruption.signal,
                emit: (name, payload) => void this.#events.emit(name, payload),
              }),
            report.add,
          )
        }
      }
      const lanes = Math.min(maxWorkers(globalConfig), tests.length)
      await Promise.all(Array.from({ length: lanes }, (_, index) => lane(String(index + 1))))
    } finally {
      unwatch()
      await sessions.close()
      report.finish()
    }
  }

  async #run(
    test: Test,
    run: (test: Test) => Promise<FileOutcome>,
    add: (test: Test, outcome: FileOutcome) => void,
  ): Promise<void> {
    await this.#events.emit('test-file-start', [test])
    const outcome = await run(test).catch(
      (thrown: Error): FileOutcome => ({ error: { ...errorOf(thrown.message), ...stackOf(thrown) } }),
    )
    add(test, outcome)
    if ('result' in outcome) await this.#events.emit('test-file-success', [test, outcome.result])
    else await this.#events.emit('test-file-failure', [test, outcome.error])
  }
}

/** Where the user is to act, our stack says nothing. */
function clean<E extends Error>(error: E): E {
  if (error.name === 'GloveboxError') error.stack = `${error.name}: ${error.message}`
  return error
}

function stackOf(error: Error): { stack?: string } {
  return error.name === 'GloveboxError' || error.stack === undefined ? {} : { stack: error.stack }
}
