import { createHash } from 'node:crypto'
import { trialVariable } from './run-options.js'

/** What an adapter acknowledges a trial's options by: a digest of their text. */
export function markOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Of the trial that this process is part of; `undefined` if of none. */
export function trialMark(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const text = environment[trialVariable]
  return text ? markOf(text) : undefined
}

/** Set in a sandbox in which the whole runner is: files have none of their own there. */
export const asideVariable = 'GLOVEBOX_TRIAL_ASIDE'

/** Whether adapters leave everything to their runner. */
export function standsAside(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[asideVariable] === '1'
}
