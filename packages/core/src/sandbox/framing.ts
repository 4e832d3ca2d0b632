/** Framing shared by the control socket and the message channel: u32 little-endian payload length, payload. */

const HEADER = 4

/** The payload's header; the payload itself is written after it, uncopied. */
export function frameHeader(length: number): Buffer {
  const header = Buffer.allocUnsafe(HEADER)
  header.writeUInt32LE(length)
  return header
}

/** Thrown by a FrameReader: after it nothing in the stream can be trusted. */
export class FrameTooLarge extends Error {
  constructor(length: number, limit: number) {
    super(`a frame announces ${length} bytes, at most ${limit} are accepted`)
  }
}

/** Cuts a byte stream into payloads. Chunks are kept as they come and joined once a frame, so that large frames cost one copy. */
export class FrameReader {
  readonly #limit: number
  #chunks: Buffer[] = []
  #buffered = 0
  #wanted: number | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether the stream stands inside a frame: an end here is premature. */
  get partial(): boolean {
    return this.#buffered > 0 || this.#wanted !== undefined
  }

  /** The payloads that this chunk completes. Throws FrameTooLarge. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#buffered < HEADER) return
        this.#wanted = this.#take(HEADER).readUInt32LE()
        if (this.#wanted > this.#limit) throw new FrameTooLarge(this.#wanted, this.#limit)
      }
      if (this.#buffered < this.#wanted) return
      const payload = this.#take(this.#wanted)
      this.#wanted = undefined
      yield payload
    }
  }

  #take(length: number): Buffer {
    const first = this.#chunks[0]
    const whole = first && first.length >= length ? first : Buffer.concat(this.#chunks, this.#buffered)
    const rest = whole.subarray(length)
    this.#chunks = whole === first ? this.#chunks.slice(1) : []
    if (rest.length > 0) this.#chunks.unshift(rest)
    this.#buffered -= length
    return whole.subarray(0, length)
  }
}
