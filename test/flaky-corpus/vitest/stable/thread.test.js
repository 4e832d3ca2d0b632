import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

test('asks a thread', async () => {
  const worker = new Worker('require("worker_threads").parentPort.postMessage(7)', { eval: true })
  const answer = await new Promise((resolve) => worker.once('message', resolve))
  expect(answer).toBe(7)
  await worker.terminate()
})
