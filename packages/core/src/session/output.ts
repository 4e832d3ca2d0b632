import type { Readable } from 'node:stream'

export type OutputListener = (stream: 'stdout' | 'stderr', chunk: Buffer) => void | Promise<void>

const HEAP_MESSAGE = 'JavaScript heap out of memory'

/** A worker's stdout and stderr: kept back until the first listener is there, and while one is not done with what it got. */
export class Output {
  readonly #streams: readonly Readable[]
  readonly #listeners = new Set<OutputListener>()
  /** Settles when both have ended. */
  readonly drained: Promise<void>
  #released = false
  #tail = ''
  #heapExhausted = false

  constructor(stdout: Readable, stderr: Readable) {
    this.#streams = [stdout, stderr]
    this.drained = Promise.all([this.#read('stdout', stdout), this.#read('stderr', stderr)]).then(() => {})
  }

  onOutput(listener: OutputListener): () => void {
    this.#listeners.add(listener)
    for (const stream of this.#streams) stream.resume()
    return () => this.#listeners.delete(listener)
  }

  /** The process is dead: what is left is little, and is no longer kept back. */
  release(): void {
    this.#released = true
    for (const stream of this.#streams) stream.resume()
  }

  /** Whether V8 said that its own heap limit was reached. */
  get heapExhausted(): boolean {
    return this.#heapExhausted
  }

  #read(name: 'stdout' | 'stderr', stream: Readable): Promise<void> {
    stream.pause()
    stream.on('data', (chunk: Buffer) => {
      if (name === 'stderr') this.#inspect(chunk)
      const pending = [...this.#listeners].map((listener) => listener(name, chunk)).filter(Boolean)
      if (pending.length > 0) void this.#holdBack(stream, pending)
    })
    return new Promise((resolve) => {
      stream.on('error', () => {})
      if (stream.closed) resolve()
      else stream.once('close', resolve)
    })
  }

  async #holdBack(stream: Readable, pending: readonly (void | Promise<void>)[]): Promise<void> {
    if (!this.#released) stream.pause()
    await Promise.allSettled(pending)
    stream.resume()
  }

  #inspect(chunk: Buffer): void {
    if (this.#heapExhausted) return
    const text = this.#tail + chunk.toString('latin1')
    this.#heapExhausted = text.includes(HEAP_MESSAGE)
    this.#tail = text.slice(-HEAP_MESSAGE.length)
  }
}
