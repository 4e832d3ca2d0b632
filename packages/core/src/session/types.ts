import type { FlakyOptions, ReportOptions } from '../config/parsed-options.js'
import type { Quarantined } from '../flaky/quarantine.js'
import type { NetworkKind } from '../plan/network.js'
import type { Mentions, Profile } from '../plan/profile.js'
import type { Ending } from '../sandbox/ending.js'
import type { TestTime } from '../verdict/blocked.js'
import type { Flakiness, TestFailure } from '../verdict/flakiness.js'
import type { StressTally } from '../verdict/stress.js'
import type { Blocked, DiscardedWrite, Leak, Usage } from '../verdict/usage.js'
import type { Verdict } from '../verdict/verdict.js'
import type { Turns } from './turns.js'

/** What an adapter tells core about the runner that it serves. */
export interface SessionOptions {
  /** The user's options as written (validated here: throws GLOVEBOX_CONFIG). */
  options: unknown
  /** Where the options stand, for messages: `vitest.config.ts`. */
  source: string
  runner: 'vitest' | 'jest'
  /** The runner's root; the project (the overlay) is the workspace root above it, or it itself. */
  root: string
  maxWorkers: number
  /** The module that the worker process runs: default-exports `(channel: WorkerChannel) => void | Promise<void>`. */
  workerEntry: string
  /** Handed, through JSON, to the `warm` function of the worker entry, in templates. */
  warm?: unknown
  /** Node.js flags of the worker. */
  execArgv: readonly string[]
  /** The environment that the runner would give its workers. */
  env: Readonly<Record<string, string | undefined>>
  /** Paths that the worker reads and that a private `/tmp` or `$HOME` might hide: the runner's own package, caches. */
  visible: readonly string[]
  /** Paths that the runner's main process writes while workers run, bound read-only instead of being copied. */
  shared: readonly string[]
  /** Existing directories outside the project that workers may write, each into a private layer that is thrown away: caches. */
  layered?: readonly string[]
  /** Globs, relative to the root, that the runner's workers legitimately write (snapshots, coverage). */
  persist: readonly string[]
}

/** One per runner process: a supervisor, prepared sandboxes, and all that was learned about the host. */
export interface Session {
  /** What the user should know before the first file runs: missing isolation, fallbacks, unmatched globs. */
  readonly notices: readonly string[]
  /** Real paths that are hidden from its files on purpose: the runner must not read them on a file's behalf. */
  readonly hidden: readonly string[]
  /** False on platforms that cannot sandbox, under `onUnsupported: 'warn'`. */
  readonly sandboxed: boolean
  /** What is to be reported after the run. */
  readonly report: ReportOptions
  /** Whether a file that fails is run again; the adapter does that. */
  readonly flaky: FlakyOptions
  /** Whose turn it is: a file that is run again after it failed is run alone. */
  readonly turns: Pick<Turns, 'beside' | 'alone'>
  /** Why the failures of a file (absolute path) do not fail it: all of them are in quarantine. */
  excuse(file: string, failures: readonly TestFailure[]): Quarantined | undefined
  /**
   * The policy of one test file: options, overrides, docblock. Throws GLOVEBOX_CONFIG naming file, line and key. `mentions`: what the
   * runner tells its files beyond the session's environment, for `forward: 'auto'`.
   */
  profile(file: string, mentions?: Mentions): Promise<Profile>
  /** A worker process in a sandbox that fits the profile, its limits set and its clock started. Prepared ones are used where they fit. */
  worker(profile: Profile, launch?: Launch): Promise<SandboxedWorker>
  /**
   * Tells that a run of these files (absolute paths) begins; optional. It bounds how many sandboxes are prepared ahead, adds notices
   * of overrides that match none of them (the first time), and starts afresh what is remembered of persisted paths: within one run, two files may
   * not write different content to the same path.
   */
  beginRun(files: readonly string[]): void
  /** Destroys everything. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What one worker is started with, where it differs from the session's (Vitest projects have their own `execArgv`). */
export interface Launch {
  /** All Node.js flags, in place of the session's. */
  execArgv?: readonly string[]
  /** Instead of the session's `warm`: workers with different ones are forked from templates of their own. */
  warm?: unknown
  /** The process may not be a fork. */
  fresh?: boolean
}

/** A Node.js process in its sandbox, spoken to over a message channel (structured clone). */
export interface SandboxedWorker {
  readonly pid: number | undefined
  /** Structured clone: throws a DataCloneError, here and now, for what cannot be cloned. After the end it does nothing. */
  send(message: unknown): void
  /** Each returns a function that removes the listener. */
  onMessage(listener: (message: unknown) => void): () => void
  /** A promise that the listener returns holds that stream back until it settles, so that a flood of output is bounded. */
  onOutput(listener: (stream: 'stdout' | 'stderr', chunk: Buffer) => void | Promise<void>): () => void
  /** Settles once, when all output and messages were handed over and every process of the sandbox is dead; never rejects. */
  readonly ended: Promise<Ending>
  kill(detail: string): void
  /**
   * Lets the worker end by itself (closing its channel; killed after `grace` milliseconds), copies persisted files back, destroys
   * the sandbox, and judges. `outcome`: what the runner thinks of the file so far; `undefined` = it was not done. `grace`: 1000 by
   * default. Idempotent: later calls get the first one's record.
   */
  finish(outcome: Outcome, grace?: number, hints?: Hints): Promise<FileRecord>
}

/** What the runner thinks of a file; `undefined` = it was not done. */
export type Outcome = 'passed' | 'failed' | undefined

/** What the adapter saw in the file's errors and the supervisor cannot know. */
export interface Hints {
  /** An error of the file was ENOSPC. */
  noSpace?: boolean
  /** An error of the file was EXDEV. */
  crossDevice?: boolean
  /** An error of the file says that a process was refused (`forkRefused`). */
  forkRefused?: boolean
  /** Ports of its EADDRINUSE errors (`portsInUse`). */
  portsInUse?: readonly number[]
  /** What the worker saw fail for want of a network. */
  blocked?: readonly Blocked[]
  /** When its tests ran, by the clock of the worker. */
  tests?: readonly TestTime[]
  /**
   * Absolute paths that the runner itself wrote or deleted in the worker (file snapshots, coverage): treated as if one of the
   * profile's `persist` globs matched them.
   */
  persist?: readonly string[]
  /** Absolute directories in which the runner itself writes: what is discarded of them is nobody's business. */
  unlisted?: readonly string[]
}

/** Everything worth knowing about one file after its run. */
export interface FileRecord {
  verdict: Verdict
  usage: Usage
  leaks: readonly Leak[]
  /** What it had: its own loopback, the host's network, or its own with a policy. */
  network: NetworkKind
  /** What it tried on the network in vain. */
  blocked: readonly Blocked[]
  /** Writes to the project that were copied back, and those that were discarded. */
  writes: { persisted: readonly string[]; discarded: readonly DiscardedWrite[] }
  /** Present if it failed of what a sandbox does not do as the host does: one sentence each, with the remedy. */
  advice?: readonly string[]
  /** Present if it passed only when it was run again. */
  flaky?: Flakiness
  /** Present if it failed each time, although it was run again: all failures but those of the last run. */
  retried?: Flakiness
  /** Present if it was run many times on purpose. */
  stress?: StressTally
  /** Present if it failed, and its failures are in quarantine. */
  quarantined?: Quarantined
  /** Present in a sandbox of a trial of `glovebox diagnose`: acknowledges what was laid over the options. */
  trial?: string
}

/** The worker's end of the message channel, handed to the worker entry. */
export interface WorkerChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): () => void
  /** Called when core closed the channel: end the process now. The default exits with code 0. */
  onClose(listener: () => void): void
}
