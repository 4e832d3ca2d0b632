import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A place where the workers of several trials wait for one another, so that their tests run at the same time however busy the machine is. */
export interface Meeting {
  /** Absolute path, empty at first. */
  directory: string
  /** Name of this one, and how many there are. */
  as: string
  of: number
  /** Milliseconds that this one goes later than the others. */
  lag: number
}

/** Milliseconds that one waits for the others, which may have failed to start. */
const patience = 20_000

/** Blocks until all are there. */
export function meet({ directory, as, of, lag }: Meeting, longest: number = patience): void {
  writeFileSync(join(directory, as), '')
  const until = performance.now() + longest
  while (readdirSync(directory).length < of && performance.now() < until) pause(5)
  pause(lag)
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
