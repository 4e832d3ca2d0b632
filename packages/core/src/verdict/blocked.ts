import type { Blocked } from './usage.js'

/** When a test ran: microseconds of the worker's monotonic clock; without an end it had none, or still runs. */
export interface TestTime {
  test: string
  begun: number
  ended?: number
}

/**
 * What the supervisor told of, and what the worker saw fail: one entry a host and port. Either may know more: the supervisor sees every
 * process, the worker knows ports and tests. What the supervisor tells goes to the test that ran then, if it was just one; `clock`: by how
 * much the worker's monotonic clock is ahead of the host's, microseconds. Pure.
 */
export function mergeBlocked(
  told: readonly Blocked[],
  seen: readonly Blocked[],
  tests: readonly TestTime[] = [],
  clock = 0,
): Blocked[] {
  const merged: Blocked[] = []
  for (const one of [...told.map((blocked) => withTest(blocked, tests, clock)), ...seen]) {
    const index = merged.findIndex((other) => isSame(other, one))
    const earlier = merged[index]
    if (earlier === undefined) merged.push(one)
    else merged[index] = { ...one, ...earlier }
  }
  return merged
}

function withTest({ at, ...blocked }: Blocked, tests: readonly TestTime[], clock: number): Blocked {
  if (at === undefined) return blocked
  const time = at + clock
  const [only, ...more] = tests.filter(({ begun, ended = Infinity }) => begun <= time && time <= ended)
  return only && more.length === 0 ? { ...blocked, test: only.test } : blocked
}

/** A name that was looked up has no port yet. */
function isSame(a: Blocked, b: Blocked): boolean {
  if (a.host !== b.host || (a.kind === 'unreachable') !== (b.kind === 'unreachable')) return false
  return a.port === undefined || b.port === undefined || a.port === b.port
}
