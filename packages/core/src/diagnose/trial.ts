/** The process of one trial: `tinypool` starts it, hands it one task, and ends it. */
import { companyTrial } from './company-trial.js'
import { copiesTrial } from './copies-trial.js'
import { elsewhere } from './elsewhere.js'
import { hostTrial } from './host-trial.js'
import type { TrialResult, TrialTask } from './trial-types.js'

export default function trial(task: TrialTask): Promise<TrialResult> {
  const { node, copies, company } = task.change
  if (company !== undefined) return companyTrial(task)
  if (copies !== undefined) return copiesTrial(task, copies)
  if (node !== undefined) return elsewhere(task, node)
  return hostTrial(task)
}
