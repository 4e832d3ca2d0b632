import type { Socket } from 'node:net'
import os from 'node:os'
import { GloveboxError } from '../errors.js'
import type { Limits, Profile } from '../plan/profile.js'
import type { Blocked, Usage } from '../verdict/usage.js'
import { type Change, decodeChanges } from './changes.js'
import { decodeBlocked, decodeEnding, decodeUsage, endedWithout } from './decode-ending.js'
import type { Ending } from './ending.js'
import { isTemplateFault, SandboxFault, withRemedy } from './fault.js'
import type { StreamName } from './listener.js'
import type { Message, RequestType } from './protocol.js'
import { createEntries, limitEntries, type StartOptions, type Stdio, startEntries } from './request.js'
import type { RunOptions, SandboxedProcess } from './sandboxed-process.js'
import type { Supervisor } from './supervisor.js'

/** A limit that can be hit while the process runs. */
export type HitLimit = 'memory' | 'pids' | 'timeout'

export interface CreateOptions {
  stdio: Stdio
  channel: boolean
  /** `later` leaves out what `limit` can set. */
  limits: 'now' | 'later'
  /** What this sandbox takes down with it: its own supervisor, if nobody else uses it. */
  owns?: AsyncDisposable
}

/** One set of namespaces, cgroup and mounts, for one process and its descendants. Made by a supervisor; used once. */
export class Sandbox implements AsyncDisposable {
  readonly name: string
  readonly profile: Profile
  /** Sockets to the process, which do not keep this one alive. */
  readonly streams: Partial<Record<StreamName, Socket>> = {}
  /** Settles once, when every process of the sandbox is dead (or the supervisor is); never rejects. */
  readonly ended: Promise<Ending>
  readonly #supervisor: Supervisor
  readonly #owns: AsyncDisposable | undefined
  /** Whether `create` was told all limits; the clock then starts with the process. */
  readonly #limited: boolean
  readonly #hits = new Set<(limit: HitLimit) => void>()
  readonly #blocked: Blocked[] = []
  #end!: (ending: Ending) => void
  #state: 'created' | 'started' | 'ended' = 'created'
  #destroyed: Promise<void> | undefined

  private constructor(supervisor: Supervisor, profile: Profile, { owns, limits }: CreateOptions) {
    this.#supervisor = supervisor
    this.#owns = owns
    this.#limited = limits === 'now'
    this.name = supervisor.nextName()
    this.profile = profile
    this.ended = new Promise((resolve) => {
      this.#end = (ending) => {
        this.#state = 'ended'
        resolve({ ...ending, blocked: this.#blocked })
      }
    })
  }

  /** Throws GLOVEBOX_UNSUPPORTED_HOST or GLOVEBOX_SANDBOX (a SandboxFault: stage, errno, path). */
  static async create(supervisor: Supervisor, profile: Profile, options: CreateOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(supervisor, profile, options)
    const { name, streams } = sandbox
    supervisor.observe(name, {
      event: (event) => sandbox.#event(event),
      gone: (cause) => sandbox.#end(endedWithout(cause)),
    })
    const output: StreamName[] = options.stdio === 'socket' ? ['stdout', 'stderr'] : []
    const abort = new AbortController()
    const arriving = supervisor.expectStreams(
      name,
      options.channel ? [...output, 'channel'] : output,
      abort.signal,
    )
    arriving.catch(() => {})
    // The streams may arrive after the reply.
    const release = supervisor.hold()
    try {
      await supervisor.request('create', createEntries(name, profile, options))
      Object.assign(streams, await sandbox.#orEnd(arriving))
      // Nothing is ever written to these: without this they would stay half open at their end.
      for (const stream of output) streams[stream]?.end()
      return sandbox
    } catch (error) {
      abort.abort(error)
      await sandbox.destroy()
      throw withRemedy(error, supervisor.path)
    } finally {
      release()
    }
  }

  /**
   * Runs a command (looked up in the profile's PATH) and keeps this process alive until it has ended. Its limits hold, and its
   * clock runs, from here on. Throws GLOVEBOX_STATE the second time: a sandbox runs one process, once.
   */
  async run(
    command: string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<SandboxedProcess> {
    const { env, cwd, umask } = this.profile
    return this.execute({
      command: [command, ...args],
      env: options.env ?? env,
      cwd: options.cwd ?? cwd,
      umask,
    })
  }

  /** What `run` does, with everything spelled out. Throws GLOVEBOX_STATE the second time. */
  async execute(start: StartOptions): Promise<SandboxedProcess> {
    const release = this.#supervisor.hold()
    void this.ended.then(release)
    // Limits first: when they are set, the process cannot have ended yet. What `create` was told it need not be told again.
    const limited = this.#limited ? undefined : this.limit(this.profile.limits)
    const [pid] = await Promise.all([this.start(start), limited])
    this.ref()
    return { pid, stdout: this.streams.stdout, stderr: this.streams.stderr, ended: this.ended }
  }

  /**
   * Starts the one process of the sandbox; resolves with its pid inside, or with `undefined` if it could not be started: `ended` tells
   * why. Throws a SandboxFault where it is the template that failed (its stage begins with `template`), and GLOVEBOX_STATE the second time.
   */
  async start(options: StartOptions): Promise<number | undefined> {
    if (this.#state !== 'created') {
      throw new GloveboxError(
        'GLOVEBOX_STATE',
        'A sandbox runs one process, once: make another for the next.',
      )
    }
    this.#state = 'started'
    try {
      const reply = await this.#supervisor.request('start', startEntries(this.name, options))
      return reply.number('pid')
    } catch (error) {
      if (!(error instanceof SandboxFault && error.code === 'GLOVEBOX_SANDBOX')) throw error
      if (isTemplateFault(error)) throw error
      // The exit event follows, or does so after this.
      this.kill('not started')
      return undefined
    }
  }

  /** Sets the limits that can change while a sandbox lives, and starts the clock of `timeout`. `undefined` leaves one as it is. */
  async limit(limits: Limits): Promise<void> {
    await this.#supervisor.request('limits', limitEntries(this.name, limits))
  }

  /** Lets streams that are being read keep this process alive. */
  ref(): void {
    for (const stream of Object.values(this.streams)) stream.ref()
  }

  /** What was consumed so far. */
  async usage(): Promise<Usage> {
    return decodeUsage(await this.#request('usage'))
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    await this.#request('signal', [['signal', String(os.constants.signals[signal])]])
  }

  /** Freezes every process; resolves when all stand still. The clock of `timeout` goes on. */
  async pause(): Promise<void> {
    await this.#request('pause')
  }

  async resume(): Promise<void> {
    await this.#request('resume')
  }

  /** Kills every process at once; `ended` tells when they are dead. Does nothing before the start and after the end. */
  kill(detail = 'killed by request'): void {
    if (this.#state !== 'started') return
    // Of a sandbox that ends meanwhile the supervisor may no longer know; `ended` settles all the same.
    this.#request('kill', [['cause', detail]]).catch(() => {})
  }

  /** Called for the first hit of each limit. Returns a function that removes the listener. */
  onLimit(listener: (limit: HitLimit) => void): () => void {
    this.#hits.add(listener)
    return () => this.#hits.delete(listener)
  }

  /** What the overlays hold, once the processes are dead. */
  async changes(): Promise<Change[]> {
    await this.ended
    return decodeChanges(await this.#request('changes'))
  }

  /** Copies files and symlinks of an overlay to `directory/0`, `directory/1` … on the host, once the processes are dead. */
  async export(target: string, paths: readonly string[], directory: string): Promise<void> {
    await this.ended
    await this.#request('export', [
      ['target', target],
      ...paths.map((path) => ['path', path] as const),
      ['directory', directory],
    ])
  }

  /** Kills what still runs; resolves when nothing of the sandbox is left. Idempotent, never rejects. */
  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy()
    return this.#destroyed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }

  async #destroy(): Promise<void> {
    this.kill('destroyed')
    try {
      await this.#request('destroy')
    } catch {
      // The supervisor is gone, or never made the sandbox: then nothing of it is left either.
    }
    this.#end(endedWithout({ kind: 'killed', detail: 'destroyed' }))
    this.#supervisor.forget(this.name)
    for (const stream of Object.values(this.streams)) stream.destroy()
    await this.#owns?.[Symbol.asyncDispose]()
  }

  #request(type: RequestType, entries: readonly (readonly [string, string])[] = []): Promise<Message> {
    return this.#supervisor.request(type, [['sandbox', this.name], ...entries])
  }

  #event(event: Message): void {
    if (event.get('event') === 'exit') this.#end(decodeEnding(event))
    else if (event.get('event') === 'network') this.#blocked.push(decodeBlocked(event))
    else if (event.get('event') === 'limit') {
      const limit = event.need('limit') as HitLimit
      for (const listener of this.#hits) queueMicrotask(() => listener(limit))
    }
  }

  /** Waiting for the streams must end when the sandbox does. */
  async #orEnd<T>(promise: Promise<T>): Promise<T> {
    // Every sandbox ends some time: the error, which is costly, is made only where it is needed.
    const first = await Promise.race([promise.then((value) => ({ value })), this.ended.then(() => undefined)])
    if (first) return first.value
    throw new GloveboxError('GLOVEBOX_SANDBOX', 'The sandbox ended while it was being made.')
  }
}
