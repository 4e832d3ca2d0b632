import type { RunnerTestCase } from 'vitest'
import type { Note } from './protocol.js'

type Tell = (note: Note) => void

/** Before a test can put something else in its place. */
const clock = process.hrtime.bigint
const now = (): number => Number(clock() / 1000n)

export interface RunnerModule {
  TestRunner: {
    prototype: {
      onBeforeRunTask?: (test: RunnerTestCase) => unknown
      onAfterRunTask?: (test: RunnerTestCase) => unknown
    }
  }
}

/** Where Vitest's runner puts the environment that it made for snapshots. */
export interface SnapshotOptions {
  snapshotEnvironment?: SnapshotEnvironment | null | undefined
}

interface SnapshotEnvironment {
  saveSnapshotFile(path: string, content: string): Promise<void>
  removeSnapshotFile(path: string): Promise<void>
}

/**
 * Tells of each test's begin and end at once. Vitest's own updates are throttled, so that without this a test that
 * kills the process takes with it the results of all that ended in the 100 ms before.
 */
export function observeTests(module: RunnerModule, tell: Tell): void {
  const prototype = module.TestRunner.prototype
  const { onBeforeRunTask, onAfterRunTask } = prototype
  prototype.onBeforeRunTask = function (test) {
    const result = onBeforeRunTask?.call(this, test)
    if (test.mode === 'run' || test.mode === 'queued') {
      attempt(() =>
        tell({ glovebox: 'test', id: test.id, result: { state: 'run', startTime: Date.now() }, at: now() }),
      )
    }
    return result
  }
  prototype.onAfterRunTask = function (test) {
    attempt(() => tell({ glovebox: 'test', id: test.id, result: test.result, at: now() }))
    return onAfterRunTask?.call(this, test)
  }
}

/**
 * Tells which snapshot files are written or removed, by whatever environment does it: only they can be copied out of
 * the sandbox whatever their name.
 */
export function observeSnapshots(options: SnapshotOptions, tell: Tell): void {
  let environment: SnapshotEnvironment | undefined
  Object.defineProperty(options, 'snapshotEnvironment', {
    configurable: true,
    enumerable: true,
    get: () => environment,
    set(made: SnapshotEnvironment) {
      environment = made
      const save = made.saveSnapshotFile.bind(made)
      const remove = made.removeSnapshotFile.bind(made)
      made.saveSnapshotFile = async (path, content) => {
        await save(path, content)
        tell({ glovebox: 'wrote', path })
      }
      made.removeSnapshotFile = async (path) => {
        await remove(path)
        tell({ glovebox: 'wrote', path })
      }
    },
  })
}

/** A result that cannot be cloned is still told by Vitest's own update. */
function attempt(action: () => void): void {
  try {
    action()
  } catch {}
}
