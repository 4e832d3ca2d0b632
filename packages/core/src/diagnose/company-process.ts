/** Hosts a runner inside a sandbox: the task is in a file, and so is its result. */
import { readFileSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import type { CompanyAnswer } from './company-trial.js'
import { jestTrial } from './jest-trial.js'
import type { TrialTask } from './trial-types.js'
import { vitestTrial } from './vitest-trial.js'

const [, , place = ''] = process.argv

async function answer(): Promise<CompanyAnswer> {
  const task = JSON.parse(readFileSync(`${place}.task`, 'utf8')) as TrialTask
  const output = new PassThrough()
  output.pipe(process.stdout)
  try {
    const result = await (task.runner === 'vitest' ? vitestTrial(task, output) : jestTrial(task))
    return { result }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

writeFileSync(`${place}.result`, JSON.stringify(await answer()))
// Whatever the files left running, as soon as what was printed is gone.
process.stdout.write('', () => process.exit())
