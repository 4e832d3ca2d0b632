import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Profile } from '../plan/profile.js'
import { Channel } from '../sandbox/channel.js'
import { endedWithout } from '../sandbox/decode-ending.js'
import type { Ending } from '../sandbox/ending.js'
import { CHANNEL_FD } from '../sandbox/protocol.js'
import type { Writes } from '../sandbox/writeback.js'
import { type WorkerLaunch, workerCommand } from './launch.js'
import type { Host } from './worker.js'

/** Milliseconds to read what a process that has exited left. */
const OUTPUT_GRACE = 1000

/** A Node.js process without a sandbox, where the platform has none and the user chose to go on: only its timeout is enforced. */
export class PlainHost implements Host {
  readonly channel: Channel
  readonly ended: Promise<Ending>
  readonly refusesSilently = false
  readonly isolates = false
  readonly heapLimit = undefined
  readonly #child: ChildProcess
  #cause: Ending['cause'] = { kind: 'exit' }

  constructor(profile: Profile, launch: WorkerLaunch) {
    const [file, ...args] = workerCommand(launch)
    this.#child = spawn(file, args, {
      cwd: profile.cwd,
      env: profile.env,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    this.channel = new Channel(this.#child.stdio[CHANNEL_FD] as Socket)
    this.ended = this.#watch(profile.limits.timeout)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get stdout(): Socket {
    return this.#child.stdout as Socket
  }

  get stderr(): Socket {
    return this.#child.stderr as Socket
  }

  kill(detail: string): void {
    this.#kill({ kind: 'killed', detail })
  }

  outerPids(): readonly never[] {
    return []
  }

  async look(): Promise<void> {}

  async collectWrites(): Promise<Writes> {
    return { persisted: [], discarded: [] }
  }

  async destroy(): Promise<void> {
    this.kill('destroyed')
    await this.ended
  }

  #kill(cause: Ending['cause']): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    if (this.#child.kill('SIGKILL') && this.#cause.kind === 'exit') this.#cause = cause
  }

  #watch(timeout: number | undefined): Promise<Ending> {
    const clock =
      timeout === undefined ? undefined : setTimeout(() => this.#kill({ kind: 'timeout' }), timeout)
    return new Promise((resolve) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(clock)
        resolve(
          endedWithout({
            kind: 'exec-failed',
            stage: 'spawn',
            errno: -(error.errno ?? 0),
            path: process.execPath,
          }),
        )
      })
      this.#child.once('exit', (code, signal) => {
        clearTimeout(clock)
        this.#cutOff()
        resolve({ ...endedWithout(this.#cause), code: code ?? undefined, signal: signal ?? undefined })
      })
    })
  }

  /** What the process left running may hold its output open for ever. */
  #cutOff(): void {
    const late = setTimeout(() => {
      for (const stream of this.#child.stdio) stream?.destroy()
    }, OUTPUT_GRACE)
    this.#child.once('close', () => clearTimeout(late))
  }
}
