import { EventEmitter } from 'node:events'
import type { PoolOptions, PoolWorker } from 'vitest/node'
import { createFileRun, type FileContext } from './file-run.js'
import { poolName } from './pool-name.js'
import { isRequest, type RunnerRequest, response } from './protocol.js'

/**
 * Vitest's view of a worker. Vitest makes one per file, but says which file only in `run`; so `start` is kept and
 * answered here, and replayed once the file's sandbox is there.
 *
 * An object literal, since Vitest clones what stands in its configuration, and class instances lose their prototype.
 */
export function createPoolWorker(
  options: PoolOptions,
  context: Omit<FileContext, 'options' | 'emit'>,
): PoolWorker {
  const events = new EventEmitter()
  const emit = (message: unknown): void => void events.emit('message', message)
  const file = createFileRun({ ...context, options, emit })
  let start: RunnerRequest | undefined

  function receive(request: RunnerRequest): void {
    switch (request.type) {
      case 'start':
        start = request
        emit(response('started'))
        break
      case 'run':
      case 'collect':
        if (start) void file.run(start, request)
        break
      case 'stop':
        emit(response('stopped', file.teardownError === undefined ? {} : { error: file.teardownError }))
        break
    }
  }

  return {
    name: poolName,
    start: async () => {},
    stop: () => file.abort(),
    send: (message: unknown) => (isRequest(message) ? receive(message) : file.forward(message)),
    on: (event, listener) => void events.on(event, listener),
    off: (event, listener) => void events.off(event, listener),
    deserialize: (data) => data,
    canReuse: () => false,
  }
}
