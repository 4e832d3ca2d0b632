import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asideVariable } from '../config/trial-mark.js'
import { createSandbox } from '../sandbox/create.js'
import { judgeTrial } from './judge-trial.js'
import type { RunnerResult, TrialResult, TrialTask } from './trial-types.js'

const core = fileURLToPath(new URL('..', import.meta.url))
const entry = join(core, 'diagnose/company-process.js')

/**
 * Runs files and then the one that counts in one and the same worker, as runners without isolation do. Glovebox has no such workers, so
 * that there is one sandbox around the whole runner; its adapters stand aside. What is written to the project is discarded.
 */
export async function companyTrial(task: TrialTask): Promise<TrialResult> {
  const { root, scratch, file, testName } = task
  const place = join(scratch, randomUUID())
  writeFileSync(`${place}.task`, JSON.stringify(task))
  // It is the project of the sandbox.
  process.chdir(root)
  await using sandbox = await createSandbox(
    {
      limits: { memory: '2GiB', pids: 512, timeout: '3m', disk: '1GiB' },
      filesystem: { project: 'overlay', writable: [scratch], readonly: [core] },
      env: { set: { [asideVariable]: '1' }, unset: ['TINYPOOL_WORKER_ID'] },
      leaks: 'ignore',
    },
    { stdio: 'pipe' },
  )
  const { ended, stdout, stderr } = await sandbox.run(process.execPath, [entry, place])
  const chunks: Buffer[] = []
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  const { cause } = await ended
  const text = attempt(() => readFileSync(`${place}.result`, 'utf8'))
  if (text === undefined) return unusable(`the runner ended before it could say anything (${cause.kind})`)
  const answer = JSON.parse(text) as CompanyAnswer
  if (!('result' in answer)) return unusable(answer.error)
  const source = { name: file.slice(root.length + 1), text: readFileSync(file, 'utf8'), testName }
  return {
    outcome: judgeTrial(answer.result, source),
    ...(task.keepOutput && { output: Buffer.concat(chunks).toString() }),
  }
}

/** What the process in the sandbox writes. */
export type CompanyAnswer = { result: RunnerResult } | { error: string }

function unusable(reason: string): TrialResult {
  return { outcome: { kind: 'unusable', reason } }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
