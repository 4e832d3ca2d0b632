/**
 * The first module of a worker: `node [flags] bootstrap.js ENTRY`. Takes the message channel, and hands it to the default
 * export of ENTRY. Every worker pays for what is imported here, so keep it little.
 */
import { Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { Channel } from '../sandbox/channel.js'
import type { WorkerChannel } from '../session/types.js'

/** CHANNEL_FD of native/protocol.h, not imported for the sake of start-up. */
const stream = new Socket({ fd: 3, readable: true, writable: true })
const channel = new Channel(stream)

let end = (): void => process.exit(0)
channel.onClose(() => end())
// Its end must be seen even if the entry never listens to messages; until it does, they stay in the socket.
stream.ref()

const workerChannel: WorkerChannel = {
  send: (message) => channel.send(message),
  onMessage: (listener) => channel.onMessage(listener),
  onClose: (listener) => {
    end = listener
  },
}

const [node = process.execPath, , entry = ''] = process.argv
// As if the entry had been started by itself.
process.argv = [node, entry, ...process.argv.slice(3)]
const module = (await import(pathToFileURL(entry).href)) as {
  default: (channel: WorkerChannel) => void | Promise<void>
}
await module.default(workerChannel)
