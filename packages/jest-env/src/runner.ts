/** Jest's runner with a sandbox for each test file. Loaded by Jest's main process: `runner: '@glovebox/jest-env/runner'`. */
import type * as Core from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { TestEvents } from '@jest/test-result'
import type Emittery from 'emittery'
import type { EmittingTestRunner, Test, TestWatcher } from 'jest-runner'
import type { FileInput } from './file-run.js'
import { runJudged } from './flaky.js'
import { loadEmittery, loadJest } from './jest-modules.js'
import { errorOf, type FileOutcome } from './judge.js'
import { noticesOf } from './notices.js'
import { createReport } from './report.js'
import { findJestRunner } from './running-jest.js'
import { openSessions, type Sessions } from './sessions.js'
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
    const sessions = await this.#open(tests, core).catch((error: Error) => {
      throw clean(error)
    })
    const report = createReport({ core, sessions, jest, globalConfig, notices: noticesOf(globalConfig) })
    const over = new AbortController()
    const { watch, watchAll } = globalConfig
    // In watch mode it is up to the user when to end.
    const done =
      watch || watchAll ? () => {} : core.failUntilDone('Jest ended before all its files were run.')
    const unwatch = watcher.on('change', ({ interrupted }) => {
      if (interrupted) over.abort()
    })
    const common: Pick<FileInput, 'source' | 'jest' | 'globalConfig' | 'context' | 'signal' | 'emit'> = {
      source: sessions.source,
      jest,
      globalConfig,
      context: this._context,
      signal: over.signal,
      emit: (name, payload) => void this.#events.emit(name, payload),
    }
    const waiting = [...tests]
    const lane = async (workerId: string): Promise<void> => {
      for (let test = waiting.shift(); test !== undefined; test = waiting.shift()) {
        if (watcher.isInterrupted() || over.signal.aborted) return
        const session = sessions.of(test)
        const outcome = await this.#run({
          ...common,
          test,
          workerId,
          session,
          warm: sessions.warmUps.of(test),
        })
        report.add(test, outcome)
        await this.#tell(test, outcome)
      }
    }
    try {
      report.sayNotices()
      const lanes = Math.min(maxWorkers(globalConfig), tests.length)
      await Promise.all(Array.from({ length: lanes }, (_, index) => lane(String(index + 1))))
    } finally {
      over.abort()
      unwatch()
      await sessions.close()
      report.finish()
      done()
    }
  }

  async #open(tests: readonly Test[], { GloveboxError }: typeof Core): Promise<Sessions> {
    checkVersion(jest, GloveboxError)
    return openSessions({ jest, globalConfig: this._globalConfig, runnerOptions: this._options, tests })
  }

  async #run(input: FileInput): Promise<FileOutcome> {
    await this.#events.emit('test-file-start', [input.test])
    try {
      return await runJudged(input)
    } catch (thrown) {
      const { message, stack = '' } = clean(thrown as Error)
      return { error: { ...errorOf(message), stack: stack.includes('\n    at ') ? stack : '' } }
    }
  }

  async #tell(test: Test, outcome: FileOutcome): Promise<void> {
    if ('result' in outcome) await this.#events.emit('test-file-success', [test, outcome.result])
    else await this.#events.emit('test-file-failure', [test, outcome.error])
  }
}

/** Where the user is to act, our stack says nothing. */
function clean<E extends Error>(error: E): E {
  const { code } = error as { code?: string }
  if (error.name === 'GloveboxError') error.stack = `${error.name} [${code}]: ${error.message}`
  return error
}
