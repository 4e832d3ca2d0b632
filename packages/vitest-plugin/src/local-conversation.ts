/** A conversation with a runtime of Vitest in this very process, where nobody is at the other end: a template. */
import { deserialize, serialize } from 'node:v8'
import {
  isCall,
  isResponse,
  type RpcCall,
  type RunnerRequest,
  type RunnerResponse,
  type StartRequest,
} from './protocol.js'
import { createRuntime, type Ends, type Runtime } from './runtime.js'
import type { VitestWorker } from './vitest-runtime.js'

export interface LocalConversation {
  readonly runtime: Runtime
  /** Settles when the runtime has answered; rejects with the error that it answers with. */
  ask(request: RunnerRequest | StartRequest, answer: RunnerResponse['type']): Promise<void>
}

/** `reply`: what Vitest's main process would answer to a call. */
export function converseLocally(
  vitest: VitestWorker,
  reply: (call: RpcCall) => unknown = () => undefined,
  prepare: Ends['prepare'] = () => {},
): LocalConversation {
  const waiting = new Map<RunnerResponse['type'], { resolve(): void; reject(error: unknown): void }>()
  // Through the serializer, which is part of what is warmed.
  const deliver = (message: unknown): void => {
    const bytes = serialize(message)
    setImmediate(() => runtime.deliver(deserialize(bytes)))
  }
  const runtime = createRuntime(vitest, {
    prepare,
    post(message) {
      if (isCall(message)) {
        if (message.i !== undefined) deliver({ t: 's', i: message.i, r: reply(message) })
      } else if (isResponse(message)) {
        const { resolve, reject } = waiting.get(message.type) ?? {}
        waiting.delete(message.type)
        if (message.error === undefined) resolve?.()
        else reject?.(message.error)
      }
    },
  })
  return {
    runtime,
    ask: (request, answer) =>
      new Promise((resolve, reject) => {
        waiting.set(answer, { resolve, reject })
        deliver(request)
      }),
  }
}
