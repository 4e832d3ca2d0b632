// @ts-check
/** @import { WorkerChannel } from '@glovebox/core/adapter' */
import { createServer } from 'node:http'

/** Binds a port that all others bind, too, and answers with what came over it. @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage((word) => {
    const server = createServer((_, response) => response.end(String(word))).listen(3000, async () => {
      const answer = await (await fetch('http://localhost:3000')).text()
      server.close()
      channel.send({ word: answer })
    })
  })
}
