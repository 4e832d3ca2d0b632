import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

/** Leaves as much behind as a test can, then stays. */
export function leavesMuchBehind() {
  test('starts daemons, servers and files, and does not end', async () => {
    spawn('setsid', ['sleep', '1000'], { detached: true, stdio: 'ignore' }).unref()
    spawn('sh', ['-c', 'trap "" TERM INT HUP; while :; do sleep 1; done'], {
      detached: true,
      stdio: 'ignore',
    }).unref()
    createServer().listen(3000)
    writeFileSync('/tmp/left', 'behind')
    writeFileSync('left.txt', 'behind')
    await sleep(30_000)
  })
}
