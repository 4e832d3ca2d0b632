// @ts-check
/** @import { WorkerChannel } from '@glovebox/core/adapter' */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** @param {WorkerChannel} channel */
export default function serve(channel) {
  channel.onMessage(async () => {
    spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref()
    for (let i = 0; i < 10; i++) {
      writeFileSync('/tmp/file', 'x'.repeat(10_000))
      await sleep(20)
    }
    channel.send('done')
  })
}
