import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { GloveboxError } from '../errors.js'
import type { SupervisorHello } from '../host/hello.js'
import { Control } from './control.js'
import type { Ending } from './ending.js'
import { cannotExecute } from './executable.js'
import { SandboxFault } from './fault.js'
import { Listener } from './listener.js'
import { CONTROL_FD, type Entry, type Message, PROTOCOL_VERSION, type RequestType } from './protocol.js'

/** Milliseconds that the supervisor has to destroy everything once it is told to. */
const CLOSE_GRACE = 5000
/** Milliseconds between the supervisor's exit and the end of its control socket, whichever comes first. */
const DEATH_GRACE = 1000
/** Characters of the supervisor's stderr that are kept for messages. */
const STDERR_TAIL = 4096

/** What a sandbox is told of. */
export interface Observer {
  event(event: Message): void
  /** The supervisor is gone, and every sandbox with it: it was closed, or it died. */
  gone(cause: Ending['cause']): void
}

/** The supervisor as an operating system process: its launch, its control socket, and its end, which settles all that waits. */
export class SupervisorProcess {
  readonly control: Control
  readonly listener: Listener
  readonly #child: ChildProcess
  readonly #socket: Socket
  readonly #path: string
  readonly #observers = new Map<string, Observer>()
  readonly #ended: Promise<void>
  #fault: GloveboxError | undefined
  #closing: Promise<void> | undefined
  #stderr = ''

  /** Throws GLOVEBOX_NO_SUPERVISOR, or GLOVEBOX_SANDBOX where no run directory can be made. */
  constructor(path: string, command: readonly string[], stdio: 'inherit' | 'null') {
    this.#path = path
    this.#child = spawnSupervisor(path, command, stdio)
    this.#socket = this.#child.stdio[CONTROL_FD] as Socket
    this.listener = openListener(this.#socket)
    this.control = new Control(
      this.#socket,
      (event) => this.#observers.get(event.get('sandbox') ?? event.get('template') ?? '')?.event(event),
      (error) => this.#break(error),
    )
    this.#child.unref()
    this.#keepStderr()
    this.#ended = this.#watch()
  }

  /**
   * The first exchange; call it in the turn in which this was made. Then the supervisor, which removes the run directory at its end, knows
   * of it almost as soon as it exists, whenever this process is killed. Rejects with GLOVEBOX_NO_SUPERVISOR, GLOVEBOX_PROTOCOL,
   * GLOVEBOX_SANDBOX, or a SandboxFault.
   */
  async greet(): Promise<SupervisorHello> {
    const [reply] = await Promise.all([
      this.request('hello', [
        ['protocol', String(PROTOCOL_VERSION)],
        ['runDir', this.listener.directory],
        ['socket', this.listener.path],
      ]),
      this.listener.ready,
    ])
    const protocol = reply.number('protocol') ?? 0
    if (protocol !== PROTOCOL_VERSION) {
      throw new GloveboxError(
        'GLOVEBOX_PROTOCOL',
        `The supervisor ${this.#path} speaks protocol ${protocol}, this version of @glovebox/core ${PROTOCOL_VERSION}.`,
        { remedy: 'Unset GLOVEBOX_SUPERVISOR, or build the supervisor from the same version.' },
      )
    }
    return {
      protocol,
      version: reply.get('version') ?? '',
      cgroup: reply.need('cgroup') as SupervisorHello['cgroup'],
      controllers: (reply.get('controllers') ?? '').split(',').filter(Boolean),
      cgroupPath: reply.get('cgroup.path'),
      cgroupReason: reply.get('cgroup.reason'),
      uid: reply.number('uid') ?? -1,
      privileged: reply.get('privileged') === '1',
      layers: reply.get('layers') as SupervisorHello['layers'],
    }
  }

  async request(type: RequestType, entries: readonly Entry[]): Promise<Message> {
    if (this.#fault) throw this.#fault
    return this.control.request(type, entries)
  }

  observe(sandbox: string, observer: Observer): void {
    this.#observers.set(sandbox, observer)
  }

  forget(sandbox: string): void {
    this.#observers.delete(sandbox)
  }

  /** Ends the control socket, whereupon the supervisor destroys everything. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const release = this.control.hold()
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_GRACE)
    this.#socket.end()
    await this.#ended
    clearTimeout(kill)
    release()
  }

  /** Resolves once the process is gone and the last of its answers was read. */
  async #watch(): Promise<void> {
    const exited = new Promise<string>((resolve) => {
      this.#child.once('error', (error) => {
        this.#fault ??= cannotExecute(this.#path, error.message)
        resolve('')
      })
      this.#child.once('exit', (code, signal) =>
        resolve(signal === null ? `exited with code ${code}` : `was killed by ${signal}`),
      )
    })
    const closed = new Promise<undefined>((resolve) => this.#socket.once('close', () => resolve(undefined)))
    await Promise.race([exited, closed])
    // A socket that is closed holds nothing: without the child, this process might end, as if all were well, before it knows of the death.
    this.#child.ref()
    const release = this.control.hold()
    const grace = setTimeout(() => {
      this.#child.kill('SIGKILL')
      this.#socket.destroy()
    }, DEATH_GRACE)
    this.#socket.end()
    const [how] = await Promise.all([exited, closed])
    clearTimeout(grace)
    release()
    this.#die(how)
  }

  #die(how: string): void {
    const died = [`The supervisor ${how}.`, this.#stderr.trim()].filter(Boolean).join('\n')
    const message = this.#closing ? 'The supervisor was closed.' : died
    this.#fault ??= new SandboxFault({ stage: 'supervisor', message })
    this.control.fail(this.#fault)
    const cause: Ending['cause'] = this.#closing
      ? { kind: 'killed', detail: 'the session was closed' }
      : { kind: 'supervisor-died', detail: this.#fault.message }
    const observers = [...this.#observers.values()]
    this.#observers.clear()
    for (const observer of observers) observer.gone(cause)
    this.listener.close()
  }

  /** What arrives can no longer be trusted: end the supervisor, and everything with it. */
  #break(error: GloveboxError): void {
    this.#fault ??= error
    this.#socket.destroy()
  }

  #keepStderr(): void {
    const stderr = this.#child.stderr as Socket | null
    if (!stderr) return
    stderr.unref()
    stderr.setEncoding('utf8')
    stderr.on('error', () => {})
    stderr.on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_TAIL)
    })
  }
}

function openListener(control: Socket): Listener {
  try {
    return Listener.open()
  } catch (error) {
    control.destroy()
    throw error
  }
}

function spawnSupervisor(path: string, command: readonly string[], stdio: 'inherit' | 'null'): ChildProcess {
  const [file = path, ...args] = command
  const standard =
    stdio === 'inherit'
      ? (['inherit', 'inherit', 'inherit'] as const)
      : (['ignore', 'ignore', 'pipe'] as const)
  try {
    // In a session of its own, so that Ctrl-C reaches this process alone, which then ends the sandboxes in good order.
    const child = spawn(file, args, { cwd: '/', detached: true, stdio: [...standard, 'pipe'] })
    // Some failures throw, others are events; out of descriptors, there are not even streams.
    if (child.stdio?.[CONTROL_FD]) return child
    child.once('error', () => {})
  } catch (error) {
    throw cannotExecute(
      path,
      (error as NodeJS.ErrnoException).code === 'UNKNOWN' ? 'wrong format' : (error as Error).message,
    )
  }
  throw cannotExecute(path, 'this process has too many files open (ulimit -n)')
}
