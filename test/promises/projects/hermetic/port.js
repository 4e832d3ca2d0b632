import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

/** Binds port 3000 and keeps it for a while, so that files that run at once would meet. */
export function bindsPort3000() {
  test('binds port 3000', async ({ task }) => {
    const server = createServer().listen(3000)
    await once(server, 'listening')
    const from = Date.now()
    await sleep(Number(process.env.HOLD ?? 0))
    task.meta.held = { from, to: Date.now() }
    server.close()
  })
}
