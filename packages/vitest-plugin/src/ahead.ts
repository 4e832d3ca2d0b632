/**
 * The `start` of a worker, done in the template: Vitest's runtime with its environment set up, so with a window where that is jsdom
 * or happy-dom. Each worker that is forked has it as its own, and nothing has happened in it.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { changedGlobals, type Globals, globalsNow, restoreGlobals } from './globals.js'
import { converseLocally, type LocalConversation } from './local-conversation.js'
import { request, response, type StartRequest } from './protocol.js'
import type { Ends, Runtime } from './runtime.js'
import type { VitestWorker } from './vitest-runtime.js'
import { atTimeZero, restartWindow } from './window.js'

interface Ahead {
  environment: SetUp
  start: StartRequest
  /** Variables that `start` has set. */
  variables: Readonly<Record<string, string>>
}

/** An environment that is set up. */
export interface SetUp {
  conversation: LocalConversation
  /** Tears it down, and leaves of it in `globalThis` what was there before: Vitest itself leaves a little more. */
  stop(): Promise<void>
}

/** Turns of the event loop that a document has to be loaded: it has nothing to wait for. */
const TURNS = 1000

let ahead: Ahead | undefined

/** Sends `start`, and settles when it was answered. */
export async function setUp(conversation: LocalConversation, start: StartRequest): Promise<SetUp> {
  const before: Globals = globalsNow()
  await conversation.ask(start, 'started')
  const changed = changedGlobals(before)
  return {
    conversation,
    stop: async () => {
      await conversation.ask(request('stop'), 'stopped')
      restoreGlobals(before, changed)
    },
  }
}

/** In a template, when nothing else is to be done there. */
export async function setUpAhead(vitest: VitestWorker, start: StartRequest): Promise<void> {
  const variables = { ...process.env }
  const conversation = converseLocally(vitest)
  const environment = await atTimeZero(() => setUp(conversation, start))
  if (!(await isLoaded())) return environment.stop()
  computeStyle()
  isSame(start, structuredClone(start)) // compiles it
  ahead = { environment, start, variables: changedVariables(variables) }
}

/**
 * In a worker: the runtime that was started ahead, if it was and with the same `start`. One that was started otherwise is stopped.
 */
export async function resume(start: StartRequest, ends: Ends): Promise<Runtime | undefined> {
  const made = ahead
  ahead = undefined
  if (made === undefined) return undefined
  if (!isSame(made.start, start)) {
    await made.environment.stop()
    return undefined
  }
  Object.assign(process.env, made.variables, {
    VITEST_POOL_ID: String(start.poolId),
    VITEST_WORKER_ID: String(start.workerId),
  })
  restartWindow()
  const { runtime } = made.environment.conversation
  runtime.handOver({
    ...ends,
    prepare: (state) => {
      if (state.ctx.concurrencyId !== undefined) state.ctx.concurrencyId = start.poolId
      return ends.prepare?.(state)
    },
  })
  ends.post(response('started'))
  return runtime
}

function isSame(a: StartRequest, b: StartRequest): boolean {
  return isDeepStrictEqual(comparable(a), comparable(b))
}

/** What a `start` does: all of it but the numbers of its worker. */
function comparable({ options, context, traces }: StartRequest): unknown {
  return { options, context, traced: traces.enabled }
}

/**
 * Of an empty document: jsdom then has compiled, for this document, what matches elements with the selectors of its default stylesheet.
 * Nobody can tell.
 */
function computeStyle(): void {
  const { document, getComputedStyle } = globalThis as {
    document?: { body: unknown }
    getComputedStyle?: (element: unknown) => unknown
  }
  if (document?.body) getComputedStyle?.(document.body)
}

/** `false`: the document waits for something. */
async function isLoaded(): Promise<boolean> {
  const { document } = globalThis as { document?: { readyState: string } }
  for (let i = 0; i < TURNS && document && document.readyState !== 'complete'; i++) await turn()
  return document === undefined || document.readyState === 'complete'
}

export function changedVariables(before: NodeJS.ProcessEnv): Record<string, string> {
  const now = Object.entries(process.env)
  return Object.fromEntries(
    now.filter((entry): entry is [string, string] => entry[1] !== undefined && before[entry[0]] !== entry[1]),
  )
}
