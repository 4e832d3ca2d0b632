/** What libuv has begun for somebody and not finished: files, names, connections, cryptography. */
const request = /Req|Job|Request|ConnectWrap|WriteWrap|ShutdownWrap/

/** Milliseconds to wait for it. */
const LIMIT = 5000

/**
 * Waits until nothing is under way that modules began when they were loaded: a fork would lose it. Rejects with what still is. What merely
 * waits, timers or servers, does not count.
 */
export async function settle(): Promise<void> {
  for (const end = Date.now() + LIMIT; ; ) {
    await new Promise((resolve) => setImmediate(resolve))
    const [pending] = process.getActiveResourcesInfo().filter((name) => request.test(name))
    if (pending === undefined) return
    if (Date.now() > end) throw new Error(`a module that it loaded does not come to an end (${pending})`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
