import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Polls until `probe` returns something other than `undefined` or `false`, and returns that. The limit is there to end a hang, not to measure:
 * keep it far above what a slow machine needs.
 * @param what completes the sentence "still waiting for …"
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { limit = 30_000, interval = 20 }: { limit?: number; interval?: number } = {},
): Promise<T> {
  const end = Date.now() + limit
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value
    if (Date.now() > end) throw new Error(`still waiting for ${what} after ${limit} ms`)
    await sleep(interval)
  }
}
