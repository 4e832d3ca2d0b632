import type { Readable } from 'node:stream'
import type { Ending } from './ending.js'

export interface RunOptions {
  /** Instead of the profile's. */
  env?: Readonly<Record<string, string>>
  /** Absolute; instead of the profile's. */
  cwd?: string
}

/** The process that `run` started. */
export interface SandboxedProcess {
  /** Inside the sandbox. */
  readonly pid: number | undefined
  /** With `stdio: 'pipe'`: to be read to their end by the caller; what is not read holds the process back. */
  readonly stdout: Readable | undefined
  readonly stderr: Readable | undefined
  /** Settles once, when every process of the sandbox is dead; never rejects. Output may still be waiting to be read. */
  readonly ended: Promise<Ending>
}
