import type { FileRecord } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import { failed, type ModuleError } from './module-failure.js'
import type { TaskUpdate } from './protocol.js'

declare module 'vitest' {
  interface TaskMeta {
    /** On test modules: what the file used, why it ended, what outlived it, what it wrote. */
    glovebox?: FileRecord
    /** On tests that passed only when their file was run again, or that failed and are in quarantine. */
    gloveboxRemark?: { type: 'flaky' | 'quarantined'; message: string }
  }
}

/** Whether an update tells that this module is done. */
export function endsModule([, events]: TaskUpdate, file: RunnerTestFile | undefined): boolean {
  return events.some(
    ([id, event]) => id === file?.id && (event === 'suite-finished' || event === 'suite-failed-early'),
  )
}

/** Attaches the record to the module's entry in an update, and the error, if there is one. */
export function amend(
  [packs, events]: TaskUpdate,
  file: RunnerTestFile,
  record: FileRecord | undefined,
  error: ModuleError | undefined,
): TaskUpdate {
  const amended = packs.map(([id, result, meta]): TaskUpdate[0][number] => {
    if (id !== file.id) return [id, result, meta]
    return [id, error ? failed(result, error) : result, record ? { ...meta, glovebox: record } : meta]
  })
  return [amended, events]
}
