/** V8's limits for a worker whose memory is capped: flags of Node.js that core adds, and that no test sees. */
const name = '--max-old-space-size='
const MiB = 1024 ** 2

/**
 * The young generation comes on top of the limit: what it may take is kept at what it is in most versions (Node.js 24 would let it grow
 * to 192 MiB). V8 cannot change that later, so templates have it, too.
 */
export const youngFlag = '--max-semi-space-size=16'

/**
 * For templates. A full collection of V8 leads to another one, eight seconds later: every worker forked after that would begin with it, and
 * take as much CPU for it as for all else.
 */
export const noLaterCollection = '--no-memory-reducer'

/** For a limit in bytes. */
export function heapFlags(bytes: number): string[] {
  return [`${name}${Math.floor(bytes / MiB)}`, youngFlag]
}

/** The limit that flags of `heapFlags` stand for, bytes; `undefined` where there are none. */
export function readHeapFlags([flag]: readonly string[]): number | undefined {
  return flag?.startsWith(name) ? Number(flag.slice(name.length)) * MiB : undefined
}

/** Takes flags that this process was started with out of what JavaScript and worker threads to come see of them; its own heap keeps its limits. */
export function hideFlags(flags: readonly string[]): void {
  if (flags.length === 0) return
  process.execArgv = process.execArgv.filter((flag) => !flags.includes(flag))
  // Else V8 would let them override the `resourceLimits` of threads, which are the test's business.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  for (const flag of flags) setFlagsFromString(flag.replace(/=.*/, '=0'))
}
