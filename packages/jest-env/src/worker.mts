import type { WorkerChannel } from '@glovebox/core/adapter'
import { observeCache } from './cache.js'
import { toCloneable } from './cloneable.js'
import { announceFacts } from './facts.js'
import { loadJest } from './jest-modules.js'
import { isJob, type Job, type Note } from './protocol.js'
import { runTest } from './run-test.mjs'

export { warm } from './warm.mjs'

/** Tests may replace it. */
const exit = process.exit.bind(process)

/** Runs in the sandbox: one test file through the user's Jest. */
export default function worker(channel: WorkerChannel): void {
  channel.onClose(() => exit(0))
  channel.onMessage((message) => {
    if (isJob(message)) void serve(message, channel)
  })
  // As in Jest's own workers; while tests run, Jest takes such errors itself.
  process.on('uncaughtException', (error) => {
    console.error(error?.stack ?? error)
    exit(1)
  })
}

async function serve(job: Job, channel: WorkerChannel): Promise<void> {
  const tell = (note: Note): void => channel.send(note)
  try {
    announceFacts(job.facts)
    enter(job.cwd)
    const jest = loadJest(job.jestRunner)
    observeCache(jest, job.config.cacheDirectory, tell)
    const outcome = await runTest(jest, job, (event) => tell(toCloneable(event)))
    if ('error' in outcome) throw outcome.error
    const { coverage, v8Coverage, ...result } = outcome.result
    // Plain already, and too large to be copied for nothing.
    const kept = { ...(coverage && { coverage }), ...(v8Coverage && { v8Coverage }) }
    tell({ glovebox: 'done', result: { ...toCloneable(result), ...kept } })
  } catch (thrown) {
    tell({ glovebox: 'failed', error: toCloneable(describe(thrown)) })
  }
}

/** Core has chosen the root where the sandbox has no such directory. */
function enter(cwd: string): void {
  try {
    process.chdir(cwd)
  } catch {}
}

function describe(thrown: unknown): { code?: unknown; message: string; stack: string; type: string } {
  const { code, message, stack } = (
    typeof thrown === 'object' && thrown !== null ? thrown : { message: thrown }
  ) as {
    code?: unknown
    message?: unknown
    stack?: unknown
  }
  return { code, message: String(message), stack: typeof stack === 'string' ? stack : '', type: 'Error' }
}
