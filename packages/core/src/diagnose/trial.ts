/** The process of one trial: `tinypool` starts it, hands it one task, and ends it. */
import module from 'node:module'
import { companyTrial } from './company-trial.js'
import { copiesTrial } from './copies-trial.js'
import { elsewhere } from './elsewhere.js'
import { hostTrial } from './host-trial.js'
import type { TrialResult, TrialTask } from './trial-types.js'

/** Node.js 20 keeps nothing. */
type MaybeCaching = typeof module & { flushCompileCache?(): void }

export default async function trial(task: TrialTask): Promise<TrialResult> {
  const result = await conductTrial(task)
  // What was compiled is kept when a process ends by itself, which those of `tinypool` never do.
  if (task.observe) (module as MaybeCaching).flushCompileCache?.()
  return result
}

function conductTrial(task: TrialTask): Promise<TrialResult> {
  const { node, copies, company } = task.change
  if (company !== undefined) return companyTrial(task)
  if (copies !== undefined) return copiesTrial(task, copies)
  if (node !== undefined) return elsewhere(task, node)
  return hostTrial(task)
}
