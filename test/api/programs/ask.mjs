// @ts-check
/**
 * Talking to the worker of the fixture, which runs the code that it is sent.
 * @import { SandboxedWorker, Session } from '@glovebox/core/adapter'
 */

/**
 * Has a worker run the body of an async function, and resolves with what it returns.
 * @param {SandboxedWorker} worker
 * @param {string} code
 * @param {unknown} [value]
 * @returns {Promise<any>}
 */
export function ask(worker, code, value) {
  return new Promise((resolve, reject) => {
    const stop = worker.onMessage((/** @type {any} */ message) => {
      stop()
      if (message.error) reject(new Error(message.error))
      else resolve(message.result)
    })
    worker.send({ code, value })
  })
}

/** @param {SandboxedWorker} worker */
export function stderrOf(worker) {
  let text = ''
  worker.onOutput((stream, chunk) => {
    if (stream === 'stderr') text += chunk
  })
  return () => text
}

/**
 * A worker for a file of the fixture.
 * @param {Session} session
 * @param {string} root
 * @param {string} [file]
 */
export async function workerFor(session, root, file = 'a.test.ts') {
  return session.worker(await session.profile(`${root}/${file}`))
}

/**
 * Starts code that ends the worker before its file is done.
 * @param {string} code
 */
export function ending(code) {
  return async (/** @type {Session} */ session, /** @type {string} */ root) => {
    const worker = await workerFor(session, root)
    const stderr = stderrOf(worker)
    worker.onMessage(() => {})
    worker.send({ code })
    await worker.ended
    const record = await worker.finish(undefined)
    return { ...record, stderr: stderr() }
  }
}

/**
 * Runs code to its end, then finishes.
 * @param {string} code
 * @param {'passed' | 'failed'} outcome
 */
export function finishing(code, outcome = 'passed') {
  return async (/** @type {Session} */ session, /** @type {string} */ root) => {
    const worker = await workerFor(session, root)
    const result = await ask(worker, code)
    const record = await worker.finish(outcome)
    return { result, ...record }
  }
}
