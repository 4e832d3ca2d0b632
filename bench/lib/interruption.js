import { constants } from 'node:os'

/** Somebody ends the benchmark: what it measures is ended, and what was made for that removed. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`Ended by ${signal}. No figures were written.`)
    this.signal = signal
    /** As a shell has it. */
    this.exitCode = 128 + constants.signals[signal]
  }
}

const controller = new AbortController()

/** Aborted, with an `Interrupted` as its reason, when a signal came. */
export const interruption = controller.signal

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => controller.abort(new Interrupted(signal)))
