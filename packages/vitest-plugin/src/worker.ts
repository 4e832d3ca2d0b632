import type { WorkerChannel } from '@glovebox/core/adapter'
import { carryAttachments } from './attachments.js'
import { observeSnapshots, observeTests } from './observe.js'
import { type Bootstrap, isBootstrap, type Note } from './protocol.js'
import { type Listener, loadVitest, ownTests } from './vitest-runtime.js'
import { variablesOfWarmUp } from './warm.js'

export { warm } from './warm.js'

/** Vitest lets `process.exit` throw while tests run, tests may replace it, and in a forked worker Vitest has run before. */
const exit = process.exit.bind(process)

/** Runs in the sandbox: the user's Vitest, with the message channel in place of `process.send`. */
export default function worker(channel: WorkerChannel): void {
  const listeners = new Set<Listener>()
  const early: unknown[] = []
  const note = (message: Note): void => channel.send(message)

  channel.onClose(() => exit(0))
  channel.onMessage((message) => {
    if (isBootstrap(message)) {
      begin(message).catch((error: unknown) => note({ glovebox: 'unable', error: describe(error) }))
    } else if (listeners.size === 0) {
      early.push(message)
    } else {
      for (const listener of [...listeners]) listener(message)
    }
  })

  async function begin(bootstrap: Bootstrap): Promise<void> {
    for (const [name, value] of Object.entries(bootstrap.env)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    for (const [name, value] of Object.entries(variablesOfWarmUp())) process.env[name] ??= value
    const { vitest, index } = await loadVitest(bootstrap.distPath)
    observeTests(index, note)
    const tests = ownTests(vitest)
    vitest.init({
      post: (message) => {
        carryAttachments(message, note)
        channel.send(message)
      },
      on: (listener) => {
        listeners.add(listener)
        // Not at once: `init` has not got through.
        queueMicrotask(() => early.splice(0).forEach(listener))
      },
      off: (listener) => listeners.delete(listener),
      // While tests run, Vitest lets `process.exit` throw.
      teardown: () => {
        process.exit = exit
      },
      ...tests,
      runTests: (state, traces) => {
        observeSnapshots(state.config.snapshotOptions, note)
        return tests.runTests(state, traces)
      },
    })
  }
}

function describe(error: unknown): { name: string; message: string; stack: string | undefined } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack }
}
