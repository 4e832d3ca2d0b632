/**
 * Speaks docs/protocol.md with a supervisor, independently of packages/core: what core never says can be said here too, and a
 * misunderstanding that both sides share comes to light.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf, type Role, spawnAs } from '../harness/users.js'
import { repository } from '../setup/matrix.mjs'
import { decode, encode, type Frame, type Record } from './supervisor-frames.js'

export type Flavour = 'plain' | 'sanitized'

export interface Ran {
  created: Frame
  started: Frame | undefined
  exit: Frame | undefined
  stdout: string
  stderr: string
}

const executables = {
  plain: join(repository, 'packages/core/prebuilds', `linux-${process.arch}`, 'glovebox-supervisor'),
  sanitized: join(repository, 'native/build/glovebox-supervisor-sanitized'),
  faulty: join(repository, 'native/build/test/supervisor-faulty'),
}

/** Builds the flavour if it is not up to date. */
export function buildSupervisor(flavour: Flavour): void {
  const args = [join(repository, 'native/build.mjs'), ...(flavour === 'sanitized' ? ['--sanitize'] : [])]
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The host's tree read-only, with a procfs, devices and a /tmp of its own. */
export const usualMounts: readonly Record[] = [
  ...mount('bind', { source: '/', target: '/', readonly: 1 }),
  ...mount('proc', { target: '/proc' }),
  ...mount('dev', { target: '/dev' }),
  ...mount('scratch', { target: '/tmp', mode: '1777' }),
]

export function mount(type: string, keys: { [key: string]: string | number }): Record[] {
  return [['mount', type], ...Object.entries(keys).map(([key, value]): Record => [`mount.${key}`, value])]
}

export interface CreateOptions {
  mounts?: readonly Record[]
  /** Instead of the usual value of the same key, or in addition. */
  more?: readonly Record[]
}

export class SupervisorDriver implements AsyncDisposable {
  readonly process: ChildProcess
  readonly control: Socket
  readonly runDir: string
  /** Frames that no request waits for: events, and errors with id 0. */
  readonly others: Frame[] = []
  readonly ended: Promise<{ code: number | null; signal: string | null }>
  hello: Frame | undefined
  readonly #server: Server
  readonly #waiting = new Map<string, (frame: Frame) => void>()
  readonly #streams = new Map<string, Promise<string>>()
  #wake: () => void = () => {}
  #ids = 0
  #sandboxes = 0

  private constructor(child: ChildProcess, server: Server, runDir: string) {
    this.process = child
    this.control = child.stdio[3] as Socket
    this.runDir = runDir
    this.#server = server
    this.ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
    void this.ended.then(() => this.#end())
    this.#listen()
  }

  /** `faulty`: the fault-injection build. `through`: a command to run it with, which passes descriptor 3 on. */
  static async launch(
    role: Role,
    flavour: Flavour | 'faulty' = 'plain',
    through: readonly string[] = [],
  ): Promise<SupervisorDriver> {
    const { uid, gid } = identityOf(role)
    const runDir = mkdtempSync(join(tmpdir(), 'glovebox-'))
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(runDir, 'socket'), resolve))
    chmodSync(join(runDir, 'socket'), 0o777)
    chownSync(runDir, uid, gid)
    const env = { ASAN_OPTIONS: 'detect_leaks=0' } // inits end by _exit, nothing of theirs is freed
    const [command = '', ...args] = [...through, executables[flavour]]
    const child = spawn(command, args, {
      ...spawnAs(role, env),
      cwd: '/',
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    })
    const driver = new SupervisorDriver(child, server, runDir)
    driver.hello = await driver.request('hello', [
      ['protocol', 1],
      ['runDir', runDir],
      ['socket', join(runDir, 'socket')],
    ])
    return driver
  }

  /** The answer; a frame of type `gone` when the supervisor ends before it. */
  request(type: string, records: readonly Record[] = []): Promise<Frame> {
    const id = String(++this.#ids)
    const answer = new Promise<Frame>((resolve) => this.#waiting.set(id, resolve))
    this.control.write(encode([['type', type], ['id', id], ...records]))
    return answer
  }

  /** The next event of that kind about that sandbox. */
  async event(sandbox: string, kind = 'exit'): Promise<Frame> {
    for (;;) {
      const found = this.others.findIndex((f) => f.get('event') === kind && f.get('sandbox') === sandbox)
      if (found >= 0) return this.others.splice(found, 1)[0] as Frame
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error('the supervisor has ended')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  create(sandbox: string, { mounts = usualMounts, more = [] }: CreateOptions = {}): Promise<Frame> {
    const usual: Record[] = [
      ['hostname', 'glovebox'],
      ['network', 'none'],
      ['user', 'caller'],
      ['stdio', 'socket'],
      ['channel', 0],
      ['scratch.size', 64 << 20],
    ]
    const given = new Set(more.map(([key]) => key))
    return this.request('create', [
      ['sandbox', sandbox],
      ...usual.filter(([key]) => !given.has(key)),
      ...mounts,
      ...more,
    ])
  }

  start(sandbox: string, command: readonly string[], more: readonly Record[] = []): Promise<Frame> {
    const usual: Record[] = [
      ['cwd', '/'],
      ['env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    ]
    const given = new Set(more.map(([key]) => key))
    return this.request('start', [
      ['sandbox', sandbox],
      ...command.map((arg): Record => ['arg', arg]),
      ...usual.filter(([key]) => !given.has(key)),
      ...more,
    ])
  }

  name(): string {
    return `s${++this.#sandboxes}`
  }

  /** Creates a sandbox, runs a shell script in it to its end, hands the result to `inspect` if given, and destroys it. */
  async run(
    script: string | readonly string[],
    options: CreateOptions & { start?: readonly Record[]; inspect?: (sandbox: string) => Promise<void> } = {},
  ): Promise<Ran> {
    const sandbox = this.name()
    const created = await this.create(sandbox, options)
    if (created.type !== 'reply')
      return { created, started: undefined, exit: undefined, stdout: '', stderr: '' }
    try {
      const command = typeof script === 'string' ? ['/bin/bash', '-c', script] : script
      const started = await this.start(sandbox, command, options.start)
      const exit = await this.event(sandbox)
      await options.inspect?.(sandbox)
      return {
        created,
        started,
        exit,
        stdout: await this.stream(sandbox, 'stdout'),
        stderr: await this.stream(sandbox, 'stderr'),
      }
    } finally {
      await this.request('destroy', [['sandbox', sandbox]])
    }
  }

  /** All that was written to a stream of that sandbox, once it is closed. Its connection may arrive after the exit event. */
  async stream(sandbox: string, name: 'stdout' | 'stderr'): Promise<string> {
    const line = `${sandbox} ${name}`
    while (!this.#streams.has(line)) await once(this.#server, 'announced')
    return (await this.#streams.get(line)) ?? ''
  }

  /** Resolves when the relay has cleaned up. */
  async close(): Promise<{ code: number | null; signal: string | null }> {
    this.control.destroy()
    return this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #listen(): void {
    this.#server.on('connection', (socket: Socket) => {
      let all = ''
      const closed = once(socket, 'close')
      socket.on('error', () => {})
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        all += chunk
        const end = all.indexOf('\n')
        const line = all.slice(0, end)
        if (end < 0 || this.#streams.has(line)) return
        this.#streams.set(
          line,
          closed.then(() => all.slice(end + 1)),
        )
        this.#server.emit('announced')
      })
    })
    let received = Buffer.alloc(0)
    this.control.on('error', () => {})
    this.control.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      while (received.length >= 4 && received.length >= 4 + received.readUInt32LE()) {
        const end = 4 + received.readUInt32LE()
        this.#take(decode(received.subarray(4, end)))
        received = received.subarray(end)
      }
    })
  }

  #take(frame: Frame): void {
    const waiting = this.#waiting.get(frame.get('id') ?? '')
    if (waiting === undefined) this.others.push(frame)
    else waiting(frame)
    this.#wake()
  }

  #end(): void {
    this.#server.close()
    for (const resolve of this.#waiting.values()) resolve(decode(Buffer.from('type=gone\0')))
    this.#wake()
  }
}
