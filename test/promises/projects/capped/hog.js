import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'vitest'

/** Far above the sandbox's 200 MiB, and harmless on the host. */
export const megabytes = 400

/** A test that finishes, then one that takes more memory than it may and waits to be ended. */
export function hog(take) {
  test('finishes before', () => {})
  test('takes too much', async () => {
    globalThis.kept = await take()
    // Without a cgroup the memory is sampled: give the supervisor time to look.
    await sleep(Number(process.env.HOLD ?? 0))
  })
}
