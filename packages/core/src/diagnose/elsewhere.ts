import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TrialResult, TrialTask } from './trial-types.js'

const entry = fileURLToPath(new URL('./trial-process.js', import.meta.url))

/** Runs a trial in one more process, of the given Node.js. It ends with this one. Rejects if it dies. */
export function elsewhere(task: TrialTask, node: string = process.execPath): Promise<TrialResult> {
  const { node: _, copies: __, ...change } = task.change
  const child = fork(entry, { execPath: node, execArgv: [], serialization: 'advanced', stdio: 'ignore' })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${node} cannot be started: ${error.message}`)))
    child.once('exit', (code, signal) => reject(new Error(`${node} ended with ${signal ?? `code ${code}`}`)))
    child.once('message', (answer: Answer) => {
      if ('result' in answer) resolve(answer.result)
      else reject(new Error(answer.error))
      child.disconnect()
    })
    child.send({ ...task, change })
  })
}

/** What the process of `trial-process.ts` says once. */
export type Answer = { result: TrialResult } | { error: string }
