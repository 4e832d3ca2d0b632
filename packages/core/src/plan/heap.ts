const MiB = 1024 ** 2
const GiB = 1024 * MiB

/** Below this a worker has no room for both: its cgroup alone is the judge. */
const leastMemory = 128 * MiB

/**
 * Where V8's heap limit of a worker with this cap on memory is to lie, bytes: far enough below that V8 gives up, with its own message and
 * stack, before the kernel kills (measured: beside its old space a worker grows by 20–60 MiB, most of it V8's young
 * generation). `undefined`: V8's own default is low enough, or there is no cap.
 */
export function heapLimit(memory: number | undefined, memoryTotal: number): number | undefined {
  if (memory === undefined || memory < leastMemory) return undefined
  const limit = memory - Math.min(memory / 2, Math.max(80 * MiB, memory / 8))
  return limit < defaultHeapLimit(memoryTotal) ? Math.floor(limit / MiB) * MiB : undefined
}

/** V8's: half of the memory, at most 2 GiB, or 4 GiB where there are 15 GiB or more. */
function defaultHeapLimit(memoryTotal: number): number {
  return Math.min(memoryTotal / 2, memoryTotal >= 15 * GiB ? 4 * GiB : 2 * GiB)
}
