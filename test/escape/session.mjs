// @ts-check
/** @import { Session } from '@glovebox/core/adapter' */
import { fileURLToPath } from 'node:url'
import { openSession } from '@glovebox/core/adapter'

/** Small enough that an act which exceeds it is harmless on the host. */
const limits = { memory: '192MiB', pids: 64, disk: '32MiB', openFiles: 256, timeout: '60s' }

/**
 * @param {'fork' | 'spawn'} worker
 * @param {string} project
 * @param {{ entry?: string; persist?: string[]; overrides?: unknown[] }} [rest]
 * @returns {Promise<Session>}
 */
export function open(worker, project, { entry = 'entry.mjs', persist = [], overrides = [] } = {}) {
  const here = fileURLToPath(new URL('.', import.meta.url))
  return openSession({
    // Root's fresh workers have what it can keep at most, its forked ones nothing, as usual.
    options: {
      worker,
      limits,
      overrides,
      capabilities: worker === 'spawn' ? 'files' : 'auto',
      onUnsupported: 'warn',
    },
    source: 'driver',
    runner: 'vitest',
    root: project,
    maxWorkers: 1,
    workerEntry: fileURLToPath(new URL(entry, import.meta.url)),
    execArgv: [],
    env: process.env,
    visible: [here, process.execPath],
    shared: [],
    persist,
  })
}
