import type { WorkerChannel } from '@glovebox/core/adapter'
import { resume } from './ahead.js'
import { carryAttachments } from './attachments.js'
import { observeSnapshots, observeTests } from './observe.js'
import { type Bootstrap, isBootstrap, isStart, type Note, type StartRequest } from './protocol.js'
import { createRuntime, type Ends, type Runtime } from './runtime.js'
import { loadVitest } from './vitest-runtime.js'
import { doneOnce } from './warm.js'

export { warm } from './warm.js'

/** Vitest lets `process.exit` throw while tests run, and tests may replace it. */
const exit = process.exit.bind(process)

/** Runs in the sandbox: the user's Vitest, with the message channel in place of `process.send`. */
export default function worker(channel: WorkerChannel): void {
  const early: unknown[] = []
  let bootstrap: Bootstrap | undefined
  let runtime: Runtime | undefined
  const note = (message: Note): void => channel.send(message)

  channel.onClose(() => exit(0))
  channel.onMessage((message) => {
    if (isBootstrap(message)) bootstrap = message
    else if (bootstrap && isStart(message)) {
      begin(bootstrap, message).catch((error: unknown) =>
        note({ glovebox: 'unable', error: describe(error) }),
      )
    } else if (runtime) runtime.deliver(message)
    else early.push(message)
  })

  async function begin({ env, distPath }: Bootstrap, start: StartRequest): Promise<void> {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    for (const [name, value] of Object.entries(doneOnce()?.variables ?? {})) process.env[name] ??= value
    const { vitest, index } = await loadVitest(distPath)
    observeTests(index, note)
    const resumed = await resume(start, ends)
    runtime = resumed ?? createRuntime(vitest, ends)
    if (!resumed) runtime.deliver(start)
    for (const message of early.splice(0)) runtime.deliver(message)
  }

  const ends: Ends = {
    post: (message) => {
      carryAttachments(message, note)
      channel.send(message)
    },
    prepare: ({ config }) => {
      process.exit = doneOnce()?.exit ?? process.exit
      observeSnapshots(config.snapshotOptions, note)
    },
    teardown: () => {
      process.exit = exit
    },
  }
}

function describe(error: unknown): { name: string; message: string; stack: string | undefined } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack }
}
