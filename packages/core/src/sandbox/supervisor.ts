import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import type { SupervisorHello } from '../host/hello.js'
import { findSupervisor, launchCommands, readLaunchFacts } from './executable.js'
import { SandboxFault, withRemedy } from './fault.js'
import type { StreamName } from './listener.js'
import { type Observer, SupervisorProcess } from './process.js'
import type { Entry, Message, RequestType } from './protocol.js'

export interface SupervisorOptions {
  /** What a sandbox made with `stdio: 'inherit'` gets as fds 0–2: this process's own, or nothing. */
  stdio: 'inherit' | 'null'
}

/** The native process that makes sandboxes. Its end, in whatever way, ends every sandbox and settles all that waits for one. */
export class Supervisor implements AsyncDisposable {
  readonly hello: SupervisorHello
  /** The executable. */
  readonly path: string
  readonly #process: SupervisorProcess
  #count = 0

  private constructor(path: string, process: SupervisorProcess, hello: SupervisorHello) {
    this.path = path
    this.#process = process
    this.hello = hello
  }

  /**
   * Throws GLOVEBOX_UNSUPPORTED_PLATFORM, GLOVEBOX_NO_SUPERVISOR, GLOVEBOX_UNSUPPORTED_HOST (a SandboxFault: namespaces are
   * refused), GLOVEBOX_PROTOCOL (an executable of another version) or GLOVEBOX_SANDBOX.
   */
  static async launch(options: SupervisorOptions = { stdio: 'null' }): Promise<Supervisor> {
    const path = resolve(findSupervisor())
    let failure: unknown
    for (const command of launchCommands(path, readLaunchFacts())) {
      const process = new SupervisorProcess(path, command, options.stdio)
      try {
        return new Supervisor(path, process, await process.greet())
      } catch (error) {
        failure = error
        await process.close()
      }
    }
    throw withRemedy(failure, path)
  }

  /** A name that no other sandbox of this supervisor has. */
  nextName(): string {
    this.#count += 1
    return `s${this.#count}`
  }

  /** Has a child of the supervisor use a feature for real; resolves with what failed, or with `undefined`. */
  async probe(feature: string): Promise<SandboxFault | undefined> {
    try {
      await this.request('probe', [['feature', feature]])
      return undefined
    } catch (error) {
      if (error instanceof SandboxFault) return error
      throw error
    }
  }

  request(type: RequestType, entries: readonly Entry[]): Promise<Message> {
    return this.#process.request(type, entries)
  }

  observe(sandbox: string, observer: Observer): void {
    this.#process.observe(sandbox, observer)
  }

  forget(sandbox: string): void {
    this.#process.forget(sandbox)
  }

  /** The streams that the supervisor connects for a sandbox that is being made. */
  expectStreams<Name extends StreamName>(
    sandbox: string,
    names: readonly Name[],
    signal: AbortSignal,
  ): Promise<Record<Name, Socket>> {
    return this.#process.listener.expect(sandbox, names, signal)
  }

  /** The private directory of this supervisor, removed at its end. */
  get runDirectory(): string {
    return this.#process.listener.directory
  }

  /** Keeps this process alive until the returned function is called; otherwise a supervisor never does. */
  hold(): () => void {
    return this.#process.control.hold()
  }

  /** Destroys every sandbox. Resolves when the supervisor has ended. Idempotent. */
  close(): Promise<void> {
    return this.#process.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
