import type { ParsedFileOptions } from './parsed-options.js'
import type { Problem } from './problems.js'

/** The port of a sandbox's own resolver. */
const RESOLVER_PORT = 53
/** As many as native/policy.h takes. */
const MAX_FORWARDS = 64
const MAX_ALLOWED = 128

/** What is contradictory in the merged options of one file. Pure. */
export function checkNetwork({ network }: ParsedFileOptions): Problem | false {
  if (typeof network !== 'object') return false
  const forwards = (network.forward ?? []).filter((entry) => entry !== 'auto')
  const taken = forwards.find(({ port }) => port === RESOLVER_PORT)
  if (taken) {
    return problem(
      'forward',
      shown(taken),
      'is the port of the sandbox’s own resolver',
      'Use another port inside: 1053:HOST:53.',
    )
  }
  const clash = forwards.find((forward) =>
    forwards.some((other) => other.port === forward.port && shown(other) !== shown(forward)),
  )
  if (clash) {
    const targets = forwards.filter(({ port }) => port === clash.port).map(shown)
    const message = `leads to more than one place (${targets.join(', ')})`
    return problem('forward', clash.port, message, 'Give one of them another port inside: PORT:HOST:PORT.')
  }
  if (forwards.length > MAX_FORWARDS) {
    return problem(
      'forward',
      `${forwards.length} entries`,
      `are more than ${MAX_FORWARDS}`,
      'Leave some out.',
    )
  }
  const allowed = network.allow?.length ?? 0
  return (
    allowed > MAX_ALLOWED &&
    problem(
      'allow',
      `${allowed} entries`,
      `are more than ${MAX_ALLOWED}`,
      'Join them with *, as in *.example.com:443.',
    )
  )
}

function shown({ host, hostPort }: { host: string; hostPort: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${hostPort}`
}

function problem(key: string, value: unknown, message: string, remedy: string): Problem {
  return { key: `network.${key}`, value: { shown: value }, message, remedy }
}
