import { readSync, writevSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { deserialize, serialize } from 'node:v8'
import { FrameReader, frameHeader } from './framing.js'

/** Largest message, bytes once serialized. */
const MAX_MESSAGE = 1024 * 1024 * 1024

/** Test files may replace functions of `node:fs`. */
const write = writevSync

/**
 * One end of the message channel between core and a worker: u32 little-endian length, then `v8.serialize` (structured clone).
 * Both ends use this class. Received messages wait in the socket until the first listener is there; a peer that reads slowly
 * makes sent ones wait in this process, as with `process.send`.
 */
export class Channel {
  readonly #stream: Duplex
  readonly #reader = new FrameReader(MAX_MESSAGE)
  readonly #messages = new Set<(message: unknown) => void>()
  readonly #closes = new Set<(error: Error | undefined) => void>()
  /** Settles when nothing more will be received. */
  readonly closed: Promise<void>
  #closed = false
  #error: Error | undefined

  constructor(stream: Duplex) {
    this.#stream = stream
    this.closed = new Promise((resolve) => this.onClose(() => resolve()))
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('end', () => {
      this.#close(this.#reader.partial ? new Error('the channel ended inside a message') : undefined)
      stream.end()
    })
    // A peer that died resets the connection; its end is known from elsewhere.
    stream.on('error', () => this.#close(undefined))
    stream.on('close', () => this.#close(undefined))
    stream.pause()
  }

  /** Throws a DataCloneError for what cannot be cloned, a RangeError for what is too large. After the end it does nothing. */
  send(message: unknown): void {
    const payload = clone(message)
    if (payload.length > MAX_MESSAGE) {
      throw new RangeError(
        `A message of ${payload.length} bytes is larger than the channel carries (${MAX_MESSAGE})`,
      )
    }
    if (!this.#stream.writable) return
    const header = frameHeader(payload.length)
    const written = this.#writeNow([header, payload])
    if (written === header.length + payload.length) return
    if (written < header.length) this.#stream.write(header.subarray(written))
    this.#stream.write(payload.subarray(Math.max(0, written - header.length)), (error) => {
      if (error) this.#rescue()
    })
  }

  /**
   * As much as the socket takes at once; how many bytes that is. Most messages are small and find it empty, and for them Node.js' streams
   * cost several times what the system call does. The stream takes the rest, and finds out what is wrong if it cannot be written.
   */
  #writeNow(frame: readonly Buffer[]): number {
    const fd = this.#descriptor()
    if (fd === undefined || this.#stream.writableLength > 0) return 0
    try {
      return write(fd, frame)
    } catch {
      return 0
    }
  }

  #descriptor(): number | undefined {
    const { _handle: handle } = this.#stream as { _handle?: { fd?: number } | null }
    return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined
  }

  /** Returns a function that removes the listener. */
  onMessage(listener: (message: unknown) => void): () => void {
    this.#messages.add(listener)
    this.#stream.resume()
    return () => this.#messages.delete(listener)
  }

  /** Called once, when the peer has closed its end (or at once, if it has); with an error if what it sent is malformed. */
  onClose(listener: (error: Error | undefined) => void): () => void {
    if (this.#closed) queueMicrotask(() => listener(this.#error))
    else this.#closes.add(listener)
    return () => this.#closes.delete(listener)
  }

  /** No more will be sent; what was sent still arrives, and the peer's last messages are still received. */
  end(): void {
    this.#stream.end()
  }

  /** Drops everything at once. */
  destroy(): void {
    this.#stream.destroy()
  }

  /** Hands over what has arrived, even if nobody listens. */
  drain(): void {
    this.#stream.resume()
  }

  /**
   * A write to a peer that has died fails, and Node.js then closes the socket together with all that the peer had sent before: the
   * results of its last tests. This runs just before that.
   */
  #rescue(): void {
    const fd = this.#descriptor()
    if (this.#closed || fd === undefined) return
    // What was read already comes first; reading it emits it.
    while (this.#stream.read() !== null);
    const chunk = Buffer.alloc(65536)
    try {
      for (let read = 1; read > 0; ) {
        read = readSync(fd, chunk)
        if (read > 0) this.#receive(Buffer.from(chunk.subarray(0, read)))
      }
    } catch {
      // EAGAIN or ECONNRESET: that was all
    }
  }

  #receive(chunk: Buffer): void {
    const messages: unknown[] = []
    try {
      for (const payload of this.#reader.push(chunk)) messages.push(deserialize(payload))
    } catch (error) {
      this.#close(error as Error)
      this.#stream.destroy()
    }
    // Outside of the try: what a listener throws is its own affair.
    for (const message of messages) for (const listener of this.#messages) listener(message)
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    for (const listener of this.#closes) listener(error)
  }
}

/** `v8.serialize` throws a plain Error for functions, symbols and the like; name it as `structuredClone` does. */
function clone(message: unknown): Buffer {
  try {
    return serialize(message)
  } catch (error) {
    if (error instanceof Error && error.message.endsWith('could not be cloned.')) {
      throw new DOMException(error.message, 'DataCloneError')
    }
    throw error
  }
}
