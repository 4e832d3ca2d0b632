import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { WorkerChannel } from '@glovebox/core/adapter'
import { carryAttachments } from './attachments.js'
import { observeSnapshots, observeTests } from './observe.js'
import { type Bootstrap, isBootstrap, type Note } from './protocol.js'

type Listener = (message: unknown) => void

/** The part of `vitest/worker` that a pool needs; resolved from the user's Vitest, never from ours. */
interface VitestWorker {
  init(worker: {
    post: (message: unknown) => void
    on: (listener: Listener) => void
    off: (listener: Listener) => void
    teardown: () => void
    setup: unknown
    runTests: (state: unknown, traces: unknown) => Promise<void>
    collectTests: (state: unknown, traces: unknown) => Promise<void>
  }): void
  runBaseTests(method: 'run' | 'collect', state: unknown, traces: unknown): Promise<void>
  setupEnvironment: unknown
}

/** Everything of Vitest that a worker loads in any case. */
async function loadVitest(distPath: string) {
  const load = (file: string) => import(pathToFileURL(join(distPath, file)).href)
  const vitest: VitestWorker = await load('worker.js')
  return { vitest, index: await load('index.js'), runtime: await load('runtime.js') }
}

/** Runs in a template, before workers are forked from it. `distPath` is that of the user's Vitest. */
export async function warm({ distPath }: { distPath: string }): Promise<void> {
  await loadVitest(distPath)
}

/** Runs in the sandbox: the user's Vitest, with the message channel in place of `process.send`. */
export default function worker(channel: WorkerChannel): void {
  // Tests may replace these.
  const exit = process.exit.bind(process)
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
    const { vitest, index, runtime } = await loadVitest(bootstrap.distPath)
    observeTests(index, note)
    observeSnapshots(runtime, note)
    vitest.init({
      post: (message) => {
        carryAttachments(message, note)
        channel.send(message)
      },
      on: (listener) => {
        listeners.add(listener)
        for (const message of early.splice(0)) listener(message)
      },
      off: (listener) => listeners.delete(listener),
      // While tests run, Vitest lets `process.exit` throw.
      teardown: () => {
        process.exit = exit
      },
      setup: vitest.setupEnvironment,
      runTests: (state, traces) => vitest.runBaseTests('run', state, traces),
      collectTests: (state, traces) => vitest.runBaseTests('collect', state, traces),
    })
  }
}

function describe(error: unknown): { name: string; message: string; stack: string | undefined } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack }
}
