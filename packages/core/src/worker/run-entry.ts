import { Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { Channel } from '../sandbox/channel.js'
import type { WorkerChannel } from '../session/types.js'
import { begun } from './begun.js'
import { observeForks } from './observe-forks.js'
import { observeNetwork } from './observe-network.js'
import type { Preloading } from './preload.js'

/** What a worker entry module exports. */
export interface WorkerEntry {
  default: (channel: WorkerChannel) => void | Promise<void>
  /** Instead of `default`: has the process to itself, which ends when its event loop is empty. Forked workers only. */
  main?: () => void
  /**
   * Run once in a template, before it serves: does what every file needs, and leaves no trace that a test could see.
   * `argument` is `SessionOptions.warm`.
   */
  warm?: (argument: unknown, preloading: Preloading) => Promise<void>
}

export async function importEntry(path: string): Promise<WorkerEntry> {
  return (await import(pathToFileURL(path).href)) as WorkerEntry
}

/**
 * Takes the message channel (CHANNEL_FD of native/protocol.h) and hands it to the entry. When the channel closes, `done` is called and the
 * process ends.
 */
export async function runEntry(entry: WorkerEntry, done: () => void = () => {}): Promise<void> {
  const stream = new Socket({ fd: 3, readable: true, writable: true })
  const channel = new Channel(stream)
  let end = (): void => process.exit(0)
  channel.onClose(() => {
    done()
    end()
  })
  observeForks((refusal) => channel.send(refusal))
  observeNetwork((refusal) => channel.send(refusal))
  let hasBegun = false
  // In the socket before the entry hears anything: nothing that runs afterwards can take it back.
  const begin = (): void => {
    if (!hasBegun) channel.send(begun)
    hasBegun = true
  }
  // Messages, and the channel's end after them, stay in the socket until the entry listens.
  await entry.default({
    send: (message) => channel.send(message),
    onMessage: (listener) =>
      channel.onMessage((message) => {
        begin()
        listener(message)
      }),
    onClose: (listener) => {
      end = listener
    },
  })
}
