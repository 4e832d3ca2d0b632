import type { Blocked } from './usage.js'

/**
 * What the supervisor told of, and what the worker saw fail: one entry a host and port. Either may know more: the supervisor sees every
 * process, the worker knows ports and tests. Pure.
 */
export function mergeBlocked(told: readonly Blocked[], seen: readonly Blocked[]): Blocked[] {
  const merged: Blocked[] = []
  for (const one of [...told, ...seen]) {
    const index = merged.findIndex((other) => isSame(other, one))
    const earlier = merged[index]
    if (earlier === undefined) merged.push(one)
    else merged[index] = { ...one, ...earlier }
  }
  return merged
}

/** A name that was looked up has no port yet. */
function isSame(a: Blocked, b: Blocked): boolean {
  if (a.host !== b.host || (a.kind === 'unreachable') !== (b.kind === 'unreachable')) return false
  return a.port === undefined || b.port === undefined || a.port === b.port
}
