// @ts-check
/** @import { WorkerChannel } from '@glovebox/core/adapter' */
import { connect, createServer } from 'node:net'

/** Binds a port that all others bind, too, and answers with what came over it. @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage((word) => {
    const server = createServer((socket) => socket.end(String(word))).listen(3000, '127.0.0.1', () => {
      let answer = ''
      connect(3000, '127.0.0.1')
        .on('data', (chunk) => {
          answer += chunk
        })
        .on('end', () => {
          server.close()
          channel.send({ word: answer })
        })
    })
  })
}
