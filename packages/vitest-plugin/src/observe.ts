import type { RunnerTestCase } from 'vitest'
import type { Note } from './protocol.js'

type Tell = (note: Note) => void

export interface RunnerModule {
  TestRunner: {
    prototype: {
      onBeforeRunTask?: (test: RunnerTestCase) => unknown
      onAfterRunTask?: (test: RunnerTestCase) => unknown
    }
  }
}

export interface RuntimeModule {
  VitestSnapshotEnvironment: {
    prototype: {
      saveSnapshotFile(path: string, content: string): Promise<void>
      removeSnapshotFile(path: string): Promise<void>
    }
  }
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
      attempt(() => tell({ glovebox: 'test', id: test.id, result: { state: 'run', startTime: Date.now() } }))
    }
    return result
  }
  prototype.onAfterRunTask = function (test) {
    attempt(() => tell({ glovebox: 'test', id: test.id, result: test.result }))
    return onAfterRunTask?.call(this, test)
  }
}

/** Tells which snapshot files Vitest wrote or removed: only they can be copied out of the sandbox whatever their name. */
export function observeSnapshots(module: RuntimeModule, tell: Tell): void {
  const prototype = module.VitestSnapshotEnvironment.prototype
  const { saveSnapshotFile, removeSnapshotFile } = prototype
  prototype.saveSnapshotFile = async function (path, content) {
    await saveSnapshotFile.call(this, path, content)
    tell({ glovebox: 'wrote', path })
  }
  prototype.removeSnapshotFile = async function (path) {
    await removeSnapshotFile.call(this, path)
    tell({ glovebox: 'wrote', path })
  }
}

/** A result that cannot be cloned is still told by Vitest's own update. */
function attempt(action: () => void): void {
  try {
    action()
  } catch {}
}
