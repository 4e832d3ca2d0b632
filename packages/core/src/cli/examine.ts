import { readFileSync } from 'node:fs'
import { type FirstTrial, firstTrial, type Subject } from '../diagnose/first-trial.js'
import type { Laboratory } from '../diagnose/laboratory.js'
import type { Circumstances } from '../diagnose/perturbations.js'
import { predecessorsOf } from '../diagnose/predecessors.js'

export interface Examined {
  first: FirstTrial
  /** What can be changed about the file follows from these. */
  circumstances: Circumstances
}

/**
 * Runs the file once, to see what it does and what can be changed about it. `undefined` if `signal` ended that. Throws GLOVEBOX_CONFIG where
 * it cannot be run at all.
 */
export async function examine(
  laboratory: Laboratory,
  subject: Subject,
  signal: AbortSignal,
  others: Pick<Circumstances, 'beside' | 'nodes'> = {},
): Promise<Examined | undefined> {
  const first = await firstTrial(laboratory, subject).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  if (!first) return undefined
  const { runner, file, testName } = subject
  const circumstances: Circumstances = {
    runner,
    env: process.env,
    source: readFileSync(file, 'utf8'),
    seen: first.observation,
    network: first.network,
    usage: first.usage,
    tests: first.tests,
    named: testName !== undefined,
    predecessors: predecessorsOf(file),
    ...others,
  }
  return { first, circumstances }
}
