/**
 * Runs in a template what each worker that is forked from it runs before and after its file, as far as that leaves no trace: V8 compiles a
 * function when it is first called, and Node.js loads some of its modules then. What is done here no worker has to do.
 */
import { randomInt, randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { Channel } from '../sandbox/channel.js'

/** `socketPair`: two descriptors of a connection, which end here. */
export async function rehearse(socketPair: () => readonly [number, number]): Promise<void> {
  process.chdir(process.cwd())
  randomUUID()
  randomInt(2)
  performance.toJSON()
  const hear = (): void => {}
  subscribe('glovebox', hear)
  unsubscribe('glovebox', hear)
  await converse(socketPair())
}

/**
 * Node.js 20 compares each socket that it destroys with `process.stderr`, and makes that first if nobody has: each worker has to make its own.
 */
class Passing extends Socket {
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const stderr = Object.getOwnPropertyDescriptor(process, 'stderr') as PropertyDescriptor
    Object.defineProperty(process, 'stderr', { configurable: true, enumerable: true, get: () => undefined })
    super._destroy(error, callback)
    Object.defineProperty(process, 'stderr', stderr)
  }
}

/** A message each way, then the end. */
async function converse(descriptors: readonly [number, number]): Promise<void> {
  const sockets = descriptors.map((fd) => new Passing({ fd, readable: true, writable: true }))
  const [one, other] = sockets.map((socket) => new Channel(socket))
  if (!one || !other) return
  const heard = new Promise((resolve) => other.onMessage(resolve))
  const answered = new Promise((resolve) => one.onMessage(resolve))
  one.send({ message: 1 })
  await heard
  other.send({ message: 2 })
  await answered
  const ended = sockets.map((socket) => once(socket, 'close'))
  one.end()
  await Promise.all(ended)
}
