/** One trial in a process of its own: a task comes in one message, and its result goes back in another. */
import type { Answer } from './elsewhere.js'
import { hostTrial } from './host-trial.js'
import type { TrialTask } from './trial-types.js'

// Whoever wants the result is gone.
process.once('disconnect', () => process.exit())
process.once('message', (task: TrialTask) => {
  hostTrial(task).then(
    (result) => answer({ result }),
    (error: Error) => answer({ error: error.message }),
  )
})

function answer(message: Answer): void {
  process.send?.(message)
}
