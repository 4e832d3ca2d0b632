import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Outcome, SandboxedWorker } from '@glovebox/core/adapter'
import type { Vitest } from 'vitest/node'
import type { Link } from './link.js'
import type { ModuleError } from './module-failure.js'
import { isNote, isResponse, type RunnerResponse } from './protocol.js'

/** How far a worker came. */
export type Progress =
  | { kind: 'answered'; response: RunnerResponse }
  /** Vitest or its environment could not begin. */
  | { kind: 'unable'; error: unknown }
  | { kind: 'died' }

export interface Answers {
  /** Settles when the worker says so, or can no longer say it. */
  next(type: RunnerResponse['type']): Promise<Progress>
}

/** Sorts what the worker says: answers to the pool are kept, all else goes to the link. */
export function listen(worker: SandboxedWorker, link: Link): Answers {
  const answered = new Map<RunnerResponse['type'], PromiseWithResolvers<Progress>>()
  const unable = withResolvers<Progress>()
  const died = worker.ended.then((): Progress => ({ kind: 'died' }))
  const answer = (type: RunnerResponse['type']) => {
    const known = answered.get(type) ?? withResolvers<Progress>()
    answered.set(type, known)
    return known
  }
  worker.onMessage((message) => {
    if (isResponse(message)) answer(message.type).resolve({ kind: 'answered', response: message })
    else if (isNote(message) && message.glovebox === 'unable')
      unable.resolve({ kind: 'unable', error: message.error })
    else link.receive(message)
  })
  return { next: (type) => Promise.race([answer(type).promise, unable.promise, died]) }
}

/** What the worker prints past Vitest's own console goes where Vitest prints it for its own pools. */
export function printOutput(worker: SandboxedWorker, { logger }: Vitest): void {
  worker.onOutput((stream, chunk) => {
    return write(stream === 'stdout' ? logger.outputStream : logger.errorStream, chunk)
  })
}

async function write(stream: Writable | NodeJS.WriteStream, chunk: Buffer): Promise<void> {
  if (stream.write(chunk) || stream.destroyed) return
  const gaveUp = new AbortController()
  const { signal } = gaveUp
  // Every worker may wait at once, and Node.js would take so many listeners for a leak.
  stream.setMaxListeners(stream.getMaxListeners() + 1)
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {})
  gaveUp.abort()
  stream.setMaxListeners(stream.getMaxListeners() - 1)
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>
  resolve(value: T): void
}

/** `Promise.withResolvers`, which Node.js 20 lacks. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** What Vitest thinks of the file. */
export function outcome(progress: Progress, link: Link): Outcome {
  if (progress.kind === 'died') return undefined
  if (progress.kind === 'unable' || link.foreign.size > 0) return 'failed'
  const module = link.held.flatMap(([packs]) => packs).findLast(([id]) => id === link.file?.id)
  const ok = module ? module[1]?.state !== 'fail' : progress.response.error === undefined
  return ok ? 'passed' : 'failed'
}

/** Why a module fails whose worker spoke of others. It does not happen by mistake. */
export function forgery({ foreign }: Link): ModuleError | undefined {
  if (foreign.size === 0) return undefined
  const names = [...foreign].slice(0, 5).join(', ')
  const message = `This file sent messages in the name of others (${names}). They were not taken, and the file fails.`
  return { name: 'Glovebox', message }
}
