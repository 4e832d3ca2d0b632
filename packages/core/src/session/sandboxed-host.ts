import type { Socket } from 'node:net'
import { type OuterPids, readOuterPids } from '../host/outer-pids.js'
import type { Profile } from '../plan/profile.js'
import { Channel } from '../sandbox/channel.js'
import type { Ending } from '../sandbox/ending.js'
import { persistMatcher } from '../sandbox/persist.js'
import type { Prepared } from '../sandbox/pool.js'
import { Sandbox } from '../sandbox/sandbox.js'
import type { Supervisor } from '../sandbox/supervisor.js'
import type { WriteBack, Writes } from '../sandbox/writeback.js'
import { forkedCommand, launchHeap, type WorkerLaunch, workerCommand } from './launch.js'
import type { Host } from './worker.js'

/** Where a host's writes go: who writes, and what may be kept. */
export interface Assignment {
  file: string
  profile: Profile
  writeBack: WriteBack
}

/** A Node.js process in a sandbox; idle, and not keeping this process alive, until a file is assigned to it. */
export class SandboxedHost implements Host, Prepared {
  readonly channel: Channel
  readonly stdout: Socket
  readonly stderr: Socket
  readonly #supervisor: Supervisor
  readonly #sandbox: Sandbox
  readonly heapLimit: number | undefined
  /** From a template; else its process was started afresh. */
  readonly forked: boolean
  #pid: number | undefined
  #alive = true
  #assignment: Assignment | undefined

  private constructor(
    supervisor: Supervisor,
    sandbox: Sandbox,
    { heapLimit, forked }: Pick<SandboxedHost, 'heapLimit' | 'forked'>,
  ) {
    const { stdout, stderr, channel } = sandbox.streams
    if (!stdout || !stderr || !channel)
      throw new Error('unreachable: the sandbox was made with all its streams')
    this.#supervisor = supervisor
    this.#sandbox = sandbox
    this.heapLimit = heapLimit
    this.forked = forked
    this.stdout = stdout
    this.stderr = stderr
    this.channel = new Channel(channel)
    void sandbox.ended.then(() => {
      this.#alive = false
    })
  }

  /**
   * Without an assignment it is a spare, to be assigned later; without a template its process is started afresh. Throws as
   * `Sandbox.create`.
   */
  static async start(
    supervisor: Supervisor,
    profile: Profile,
    launch: WorkerLaunch,
    template: string | undefined,
    assignment?: Assignment,
  ): Promise<SandboxedHost> {
    const limits = assignment ? 'now' : 'later'
    const sandbox = await Sandbox.create(supervisor, profile, { stdio: 'socket', channel: true, limits })
    try {
      const heap = launchHeap(launch, profile)
      const host = new SandboxedHost(supervisor, sandbox, { heapLimit: heap, forked: template !== undefined })
      const assigned = assignment && host.assign(assignment)
      const { env, cwd, umask } = profile
      const command = template === undefined ? workerCommand(launch, heap) : forkedCommand(launch, heap)
      const started = sandbox.start({ command, env, cwd, umask, template })
      ;[host.#pid] = await Promise.all([started, assigned])
      // Not started: nobody is to get it as a spare, though its end is yet to come.
      if (host.#pid === undefined) host.#alive = false
      return host
    } catch (error) {
      await sandbox.destroy()
      throw error
    }
  }

  /** Sets the file's limits and starts its clock. Rejects where the kernel refuses them to a process that already runs. */
  async assign(assignment: Assignment): Promise<void> {
    this.#assignment = assignment
    // Whoever waits for its end, and its last words, must not see this process end before.
    void this.ended.then(this.#supervisor.hold())
    this.#sandbox.ref()
    await this.#sandbox.limit(assignment.profile.limits)
  }

  get pid(): number | undefined {
    return this.#pid
  }

  get alive(): boolean {
    return this.#alive
  }

  get ended(): Promise<Ending> {
    return this.#sandbox.ended
  }

  get isolates(): boolean {
    return true
  }

  outerPids(): OuterPids[] {
    return readOuterPids(this.#supervisor.hello)
  }

  /** Root is exempt from the rlimit: its sandbox is ended instead, which leaves a trace. */
  get refusesSilently(): boolean {
    const { controllers, privileged } = this.#supervisor.hello
    return !privileged && !controllers.includes('pids')
  }

  async look(): Promise<void> {
    await this.#sandbox.usage().catch(() => {})
  }

  kill(detail: string): void {
    this.#sandbox.kill(detail)
  }

  async collectWrites(persist: readonly string[] | undefined): Promise<Writes> {
    if (!this.#assignment) return { persisted: [], discarded: [] }
    const { file, profile, writeBack } = this.#assignment
    return persist
      ? writeBack.apply(this.#sandbox, file, persistMatcher(profile.persist, persist))
      : writeBack.list(this.#sandbox)
  }

  destroy(): Promise<void> {
    return this.#sandbox.destroy()
  }
}
