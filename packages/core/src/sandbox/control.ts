import type { Socket } from 'node:net'
import { GloveboxError } from '../errors.js'
import { faultOf } from './fault.js'
import { FrameReader } from './framing.js'
import {
  decodePayload,
  type Entry,
  encodeRequest,
  MAX_REPLY,
  type Message,
  type RequestType,
} from './protocol.js'

interface Pending {
  type: RequestType
  resolve: (reply: Message) => void
  reject: (error: Error) => void
}

/** The control socket: matches answers with requests and passes events on. It holds the event loop only while it is held. */
export class Control {
  readonly #socket: Socket
  readonly #reader = new FrameReader(MAX_REPLY)
  readonly #pending = new Map<number, Pending>()
  #nextId = 1
  #holds = 0

  /** `onBroken`: an answer that cannot be understood, or the supervisor's complaint of that kind; nothing can be trusted any more. */
  constructor(socket: Socket, onEvent: (event: Message) => void, onBroken: (error: GloveboxError) => void) {
    this.#socket = socket
    socket.unref()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const payload of this.#reader.push(chunk)) this.#answer(decodePayload(payload), onEvent)
      } catch (error) {
        onBroken(
          error instanceof GloveboxError
            ? error
            : new GloveboxError(
                'GLOVEBOX_PROTOCOL',
                `The supervisor sent what core does not understand: ${(error as Error).message}`,
              ),
        )
      }
    })
  }

  /** Rejects with the supervisor's error, or with the reason of `fail`. */
  async request(type: RequestType, entries: readonly Entry[]): Promise<Message> {
    const id = this.#nextId++
    const frame = encodeRequest(type, id, entries)
    const release = this.hold()
    try {
      return await new Promise<Message>((resolve, reject) => {
        this.#pending.set(id, { type, resolve, reject })
        // Requests that are made together go out together: a write wakes the supervisor.
        this.#socket.cork()
        this.#socket.write(frame)
        process.nextTick(() => this.#socket.uncork())
      })
    } finally {
      release()
    }
  }

  /** Keeps the process alive until the returned function is called. */
  hold(): () => void {
    let held = true
    this.#holds += 1
    if (this.#holds === 1) this.#keepAlive(true)
    return () => {
      if (!held) return
      held = false
      this.#holds -= 1
      if (this.#holds === 0) this.#keepAlive(false)
    }
  }

  /** A socket that is closed would wait for its connection, and warn of as many listeners. */
  #keepAlive(alive: boolean): void {
    if (this.#socket.destroyed) return
    if (alive) this.#socket.ref()
    else this.#socket.unref()
  }

  /** Rejects all that is pending. */
  fail(error: Error): void {
    for (const pending of this.#pending.values()) pending.reject(error)
    this.#pending.clear()
  }

  #answer(message: Message, onEvent: (event: Message) => void): void {
    if (message.type === 'event') {
      onEvent(message)
      return
    }
    const id = message.number('id') ?? 0
    const pending = this.#pending.get(id)
    if (!pending) {
      // What keeps the supervisor from starting at all, it says without having been asked.
      if (message.type === 'error' && message.get('code') === 'system') throw faultOf('hello', message)
      throw new GloveboxError(
        'GLOVEBOX_PROTOCOL',
        `The supervisor answered request ${id}, which is not pending: ${message.get('message') ?? message.type}`,
      )
    }
    this.#pending.delete(id)
    if (message.type === 'error') pending.reject(faultOf(pending.type, message))
    else pending.resolve(message)
  }
}
