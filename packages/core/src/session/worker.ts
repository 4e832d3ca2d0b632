import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { trialMark } from '../config/trial-mark.js'
import type { OuterPids } from '../host/outer-pids.js'
import { networkKind } from '../plan/network.js'
import { isWithin } from '../plan/paths.js'
import type { Profile } from '../plan/profile.js'
import type { Channel } from '../sandbox/channel.js'
import type { Ending } from '../sandbox/ending.js'
import { SandboxFault } from '../sandbox/fault.js'
import type { Writes } from '../sandbox/writeback.js'
import { adviceOn } from '../verdict/advice.js'
import { mergeBlocked } from '../verdict/blocked.js'
import { classify } from '../verdict/classify.js'
import type { DiscardedWrite } from '../verdict/usage.js'
import type { Verdict } from '../verdict/verdict.js'
import { isBegun } from '../worker/begun.js'
import { isForkRefusal } from '../worker/observe-forks.js'
import { isAccident } from './accident.js'
import { Output, type OutputListener } from './output.js'
import type { FileRecord, Hints, Outcome, SandboxedWorker } from './types.js'

/** A Node.js process that serves one file, however it is kept. */
export interface Host {
  readonly pid: number | undefined
  readonly stdout: Readable
  readonly stderr: Readable
  readonly channel: Channel
  /** Every process is dead; output and messages may still be waiting to be read, and then end. */
  readonly ended: Promise<Ending>
  /** A process beyond `limits.pids` is refused by an rlimit, which leaves no trace; only looking tells how many there are. */
  readonly refusesSilently: boolean
  /** Whether it is a sandbox. */
  readonly isolates: boolean
  /** Limits of processes that hold for all sandboxes together, and how near they are now. */
  outerPids(): readonly OuterPids[]
  /** Counts and measures now, for `Ending.usage`; never rejects. */
  look(): Promise<void>
  /** V8's heap limit, where it is ours and not the user's, bytes. */
  readonly heapLimit: number | undefined
  kill(detail: string): void
  /**
   * What it wrote to the project, once it has ended. `persist`: paths to keep besides those of the profile; `undefined`: keep nothing,
   * as the file was not done and what it wrote may be incomplete.
   */
  collectWrites(persist: readonly string[] | undefined): Promise<Writes>
  /** Nothing of it is left. */
  destroy(): Promise<void>
}

/** Where a file gets another worker, whose own ended as told before any code of the file ran. Rejects where there can be none. */
export type Replace = (ending: Ending) => Promise<Host>

/** The worker of one file, from its assignment to the record of its end. */
export class FileWorker implements SandboxedWorker {
  readonly ended: Promise<Ending>
  readonly #profile: Profile
  readonly #messages = new Set<(message: unknown) => void>()
  readonly #outputs = new Set<OutputListener>()
  readonly #assigned = performance.now()
  #host: Host
  #output: Output
  #forksRefused = 0
  #listens = false
  #record: Promise<FileRecord> | undefined
  /** Until the file has begun: then nobody may take its place. */
  #replace: Replace | undefined
  /** What it was told until then, for whoever takes its place. */
  #said: unknown[] | undefined
  #killed: string | undefined

  constructor(host: Host, profile: Profile, replace?: Replace) {
    this.#host = host
    this.#profile = profile
    this.#replace = replace
    this.#said = replace && []
    this.#output = this.#take(host)
    this.ended = this.#end()
  }

  get pid(): number | undefined {
    return this.#host.pid
  }

  send(message: unknown): void {
    this.#host.channel.send(message)
    this.#said?.push(message)
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.#messages.add(listener)
    this.#listen()
    return () => this.#messages.delete(listener)
  }

  onOutput(listener: OutputListener): () => void {
    this.#outputs.add(listener)
    const remove = this.#output.onOutput(listener)
    return () => {
      this.#outputs.delete(listener)
      remove()
    }
  }

  kill(detail: string): void {
    this.#killed = detail
    this.#host.kill(detail)
  }

  finish(outcome: Outcome, grace = 1000, hints: Hints = {}): Promise<FileRecord> {
    this.#record ??= this.#finish(outcome, grace, hints)
    return this.#record
  }

  #take(host: Host): Output {
    const output = new Output(host.stdout, host.stderr)
    for (const listener of this.#outputs) output.onOutput(listener)
    host.channel.onClose((error) => {
      if (error) host.kill(`its message channel broke: ${error.message}`)
    })
    return output
  }

  /** Messages wait in the socket until somebody listens. */
  #listen(): void {
    if (this.#listens) return
    this.#listens = true
    this.#host.channel.onMessage((message) => this.#hear(message))
  }

  /** Whatever it says, it has begun. */
  #hear(message: unknown): void {
    this.#replace = undefined
    this.#said = undefined
    if (isForkRefusal(message)) this.#forksRefused += 1
    else if (!isBegun(message)) for (const listener of this.#messages) listener(message)
  }

  /** The file ends with its worker, unless it had not begun in it; and at the latest with the next one. */
  async #end(): Promise<Ending> {
    const ending = await this.#hostEnd()
    const next = await this.#successor(ending)
    if (next === undefined) return ending
    this.#host = next
    this.#output = this.#take(next)
    this.#listens = false
    this.#listen()
    if (this.#killed !== undefined) next.kill(this.#killed)
    for (const message of this.#said ?? []) next.channel.send(message)
    this.#said = undefined
    return this.#hostEnd()
  }

  async #successor(ending: Ending): Promise<Host | undefined> {
    const replace = this.#replace
    this.#replace = undefined
    if (this.#killed !== undefined || !isAccident(ending, this.#output.heapExhausted)) return undefined
    if (replace) await this.#host.destroy()
    return replace?.(ending).catch(() => undefined)
  }

  /** When all that it left was read. The wall clock of a prepared worker ran before it was assigned: count from there instead. */
  async #hostEnd(): Promise<Ending> {
    const ending = await this.#host.ended
    const wall = Math.round(performance.now() - this.#assigned)
    this.#output.release()
    this.#listen()
    this.#host.channel.drain()
    await Promise.all([this.#output.drained, this.#host.channel.closed])
    return { ...ending, usage: { ...ending.usage, wall } }
  }

  async #finish(outcome: Outcome, grace: number, hints: Hints): Promise<FileRecord> {
    this.#replace = undefined
    const silent = this.#host.refusesSilently
    // The last moment at which all that the file started, the worker's own threads too, is there to be counted.
    if (silent && outcome !== 'passed') await this.#host.look()
    const forksRefused = this.#forksRefused || Number(hints.forkRefused ?? false)
    const outerPids = forksRefused > 0 && outcome !== 'passed' ? this.#host.outerPids() : undefined
    this.#host.channel.end()
    const timer = setTimeout(() => this.kill(`it did not end within ${grace} ms`), grace)
    const ending = await this.ended
    clearTimeout(timer)
    const { persisted, fault, ...writes } = await this.#collect(
      outcome === undefined ? undefined : (hints.persist ?? []),
    )
    const discarded = withoutDirectories(writes.discarded, hints.unlisted ?? [])
    await this.#host.destroy()
    const network = networkKind(this.#profile.network)
    const trial = this.#host.isolates ? trialMark() : undefined
    const blocked = mergeBlocked(
      ending.blocked,
      network === 'host' ? [] : (hints.blocked ?? []),
      hints.tests,
      (this.#profile.time?.monotonic ?? 0) * 1e6,
    )
    const verdict = classify({
      ending,
      blocked,
      profile: this.#profile,
      outcome,
      noSpace: hints.noSpace ?? false,
      forksRefused,
      countsForks: !silent,
      outerPids: outerPids ?? (ending.hits.pids > 0 ? this.#host.outerPids() : []),
      portsInUse: hints.portsInUse ?? [],
      writes: discarded,
      heapExhausted: this.#output.heapExhausted,
      heapLimit: this.#host.heapLimit,
    })
    const advice = outcome === 'failed' ? adviceOn(this.#profile, hints) : []
    return {
      ...(advice.length > 0 && { advice }),
      verdict: verdict.kind === 'passed-through' && fault ? fault : verdict,
      usage: ending.usage,
      network,
      blocked,
      leaks: this.#profile.leaks === 'ignore' ? [] : ending.leaks,
      writes: { persisted, discarded },
      ...(trial !== undefined && { trial }),
    }
  }

  async #collect(persist: readonly string[] | undefined): Promise<Writes & { fault?: Verdict }> {
    try {
      return await this.#host.collectWrites(persist)
    } catch (error) {
      const { stage, errno, path } =
        error instanceof SandboxFault ? error : { stage: 'write-back', errno: undefined, path: undefined }
      const message = (error as Error).message
      return { persisted: [], discarded: [], fault: { kind: 'sandbox-error', stage, errno, path, message } }
    }
  }
}

function withoutDirectories(
  writes: readonly DiscardedWrite[],
  directories: readonly string[],
): readonly DiscardedWrite[] {
  return writes.filter(({ path }) => !directories.some((directory) => isWithin(path, directory)))
}
