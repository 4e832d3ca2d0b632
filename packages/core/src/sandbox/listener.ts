import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GloveboxError } from '../errors.js'
import { MAX_NAME } from './protocol.js'

export type StreamName = 'stdout' | 'stderr' | 'channel'

/** `SANDBOX STREAM\n` */
const MAX_ANNOUNCEMENT = MAX_NAME + 1 + 'channel'.length + 1
/** In a run directory; native/run_dir.c knows it by the same name. */
const MARK = '.glovebox-run'
/** sizeof(sun_path) with its NUL. */
const MAX_SOCKET_PATH = 107

/**
 * The private run directory and the socket in it to which the supervisor connects a sandbox's streams. Each connection
 * announces itself with one line; it is handed to whoever expects it, its other bytes still to be read.
 */
export class Listener {
  readonly directory: string
  readonly path: string
  /** Settles once the supervisor may connect; rejects with GLOVEBOX_SANDBOX where the path is too long for a socket. */
  readonly ready: Promise<void>
  readonly #server: Server
  readonly #expected = new Map<string, (socket: Socket) => void>()
  readonly #unannounced = new Set<Socket>()

  private constructor(directory: string) {
    this.directory = directory
    this.path = join(directory, 'streams.sock')
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket))
    this.ready = new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(runDirectoryError(this.path, error)))
      this.#server.listen(this.path, resolve)
    })
    this.ready.catch(() => this.close())
    this.#server.unref()
  }

  /** Makes the directory at once; `ready` tells of the socket. Throws GLOVEBOX_SANDBOX where the temporary directory is full or read-only. */
  static open(): Listener {
    return new Listener(makeRunDirectory())
  }

  /** Resolves with the streams of a sandbox once all have been announced; rejects, and drops them, when `signal` aborts. */
  async expect<Name extends StreamName>(
    sandbox: string,
    streams: readonly Name[],
    signal: AbortSignal,
  ): Promise<Record<Name, Socket>> {
    const arrivals = await Promise.all(
      streams.map(async (stream) => [stream, await this.#expectOne(`${sandbox} ${stream}`, signal)] as const),
    )
    return Object.fromEntries(arrivals) as Record<Name, Socket>
  }

  /** Drops the socket and the directory with all that is in it. */
  close(): void {
    this.#server.close()
    for (const socket of this.#unannounced) socket.destroy()
    removeRunDirectory(this.directory)
  }

  #expectOne(announcement: string, signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      let arrived: Socket | undefined
      this.#expected.set(announcement, (socket) => {
        arrived = socket
        resolve(socket)
      })
      const abort = (): void => {
        this.#expected.delete(announcement)
        arrived?.destroy()
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) abort()
    })
  }

  #accept(socket: Socket): void {
    this.#unannounced.add(socket)
    socket.unref()
    // Errors of a stream show as its end; what the sandbox came to is told by the supervisor.
    socket.on('error', () => {})
    const drop = (): void => {
      this.#unannounced.delete(socket)
      socket.destroy()
    }
    let head = Buffer.alloc(0)
    // Read by hand, so that the stream is handed over as if nobody had touched it: neither flowing nor paused.
    const read = (): void => {
      head = Buffer.concat([head, socket.read() ?? Buffer.alloc(0)])
      const newline = head.indexOf(10)
      if (newline < 0 && head.length < MAX_ANNOUNCEMENT) return
      const announcement = head.toString('latin1', 0, newline)
      const route = this.#expected.get(announcement)
      if (newline < 0 || !route) {
        drop()
        return
      }
      socket.off('readable', read)
      socket.off('end', drop)
      if (newline + 1 < head.length) socket.unshift(head.subarray(newline + 1))
      this.#unannounced.delete(socket)
      this.#expected.delete(announcement)
      route(socket)
    }
    socket.on('readable', read)
    socket.on('end', drop)
  }
}

function makeRunDirectory(): string {
  const prefix = join(tmpdir(), 'glovebox-')
  try {
    const directory = mkdtempSync(prefix)
    // The supervisor's mark: with it a later run sweeps what a run leaves that is killed before its supervisor has begun.
    writeFileSync(join(directory, MARK), '')
    return directory
  } catch (error) {
    throw runDirectoryError(prefix, error)
  }
}

/** The mark goes last: what is left when this process is killed meanwhile must be known to the next sweep. */
function removeRunDirectory(directory: string): void {
  if (!existsSync(directory)) return
  for (const name of readdirSync(directory)) {
    if (name !== MARK) rmSync(join(directory, name), { recursive: true, force: true })
  }
  rmSync(directory, { recursive: true, force: true })
}

function runDirectoryError(path: string, cause: unknown): GloveboxError {
  const tooLong = path.length > MAX_SOCKET_PATH
  const reason = tooLong
    ? `${path.length} characters are too many for the path of a socket`
    : (cause as Error).message
  return new GloveboxError('GLOVEBOX_SANDBOX', `The run directory ${path} cannot be made: ${reason}`, {
    remedy: tooLong
      ? 'Set TMPDIR to a shorter path.'
      : 'Make room in the temporary directory, or set TMPDIR to one that is writable.',
    cause,
  })
}
