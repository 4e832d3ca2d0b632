import type { Profile } from '../plan/profile.js'
import { shapeKey } from './request.js'

/** Something made ahead of time. */
export interface Prepared {
  /** False once it ended before it was used. */
  readonly alive: boolean
  destroy(): Promise<void>
}

/** What decides how many sandboxes are worth preparing. */
export interface Demand {
  /** CPUs of this host. */
  cores: number
  /** Workers that the runner lets run at once. */
  maxWorkers: number
  /** Workers that run now. */
  active: number
  /** Files that are still to come; `undefined` = unknown. */
  remaining: number | undefined
}

/** How many to keep ready: one a core that is idle, at least one, never more than there are files to come. Pure. */
export function spareTarget({ cores, maxWorkers, active, remaining = 1 }: Demand): number {
  return Math.max(0, Math.min(remaining, maxWorkers, Math.max(1, cores - active)))
}

/**
 * Sandboxes of one shape, made ahead, each with its Node.js process started: what varies from file to file at no cost are the
 * limits that can be set later.
 */
export class Pool<Spare extends Prepared> {
  readonly #key: string
  readonly #prepare: () => Promise<Spare>
  #spares: Promise<Spare>[] = []
  #closed = false

  constructor(base: Profile, prepare: () => Promise<Spare>) {
    this.#key = shapeKey(base)
    this.#prepare = prepare
  }

  /** Makes spares until there are `target`, in the background. What fails is made anew, and told of, when it is needed. */
  fill(target: number): void {
    while (!this.#closed && this.#spares.length < target) this.#add()
  }

  /** Makes one and waits for it: whether it can be done at all. */
  async fillOne(): Promise<void> {
    await this.#add()
  }

  /** A spare that fits the profile, or `undefined`. */
  async take(profile: Profile): Promise<Spare | undefined> {
    if (shapeKey(profile) !== this.#key) return undefined
    for (let spare = this.#spares.shift(); spare; spare = this.#spares.shift()) {
      const ready = await spare.catch(() => undefined)
      if (ready?.alive) return ready
      await ready?.destroy()
    }
    return undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    const spares = this.#spares
    this.#spares = []
    await Promise.all(spares.map((spare) => spare.then((ready) => ready.destroy()).catch(() => {})))
  }

  #add(): Promise<Spare> {
    const spare = this.#prepare()
    this.#spares.push(spare)
    spare.catch(() => {
      this.#spares = this.#spares.filter((other) => other !== spare)
    })
    return spare
  }
}
