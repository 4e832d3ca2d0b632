import { describeBlocked } from '../verdict/explain.js'
import type { Blocked } from '../verdict/usage.js'

/** What a command tried on the network in vain, a sentence each. Pure. */
export function blockedNotices(blocked: readonly Blocked[]): string[] {
  return blocked.map((one) =>
    one.kind === 'name'
      ? `the command asked for ${one.host}, which no --allow lets through`
      : `${describeBlocked(one)} does not answer`,
  )
}
