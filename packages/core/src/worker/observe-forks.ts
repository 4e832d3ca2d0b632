import { subscribe } from 'node:diagnostics_channel'
import { type EventEmitter, errorMonitor } from 'node:events'

/** What a worker says over its channel, beside the adapter's messages, when the kernel refused it a process. */
const refusal = { glovebox: 'fork-refused' } as const

export type ForkRefusal = typeof refusal

export function isForkRefusal(message: unknown): message is ForkRefusal {
  return (message as Partial<ForkRefusal> | undefined)?.glovebox === refusal.glovebox
}

/**
 * Tells of each child process that could not be started for want of processes, whatever the file does with the error: where no cgroup
 * counts, the kernel keeps no record of it. Node.js publishes its child processes: nothing is patched.
 */
export function observeForks(tell: (refusal: ForkRefusal) => void): void {
  subscribe('child_process', (message) => {
    const child = (message as { process: EventEmitter }).process
    child.once(errorMonitor, (error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') tell(refusal)
    })
  })
}
