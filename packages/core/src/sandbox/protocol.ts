import { GloveboxError } from '../errors.js'
import { frameHeader } from './framing.js'

/** The constants of native/protocol.h; a test compares the two. */
export const PROTOCOL_VERSION = 1
export const CONTROL_FD = 3
export const CHANNEL_FD = 3
/** Bytes of payload that the supervisor accepts. */
export const MAX_REQUEST = 1_048_576
/** Bytes of payload that core accepts. */
export const MAX_REPLY = 67_108_864
/** Bytes of a sandbox's name: [A-Za-z0-9_-]. */
export const MAX_NAME = 63

export const requestTypes = [
  'hello',
  'create',
  'start',
  'limits',
  'usage',
  'signal',
  'pause',
  'resume',
  'kill',
  'changes',
  'export',
  'destroy',
  'probe',
  'template',
  'retire',
] as const
export type RequestType = (typeof requestTypes)[number]

export const answerTypes = ['reply', 'error', 'event'] as const
export type AnswerType = (typeof answerTypes)[number]

/** One `key=value`; keys may repeat, and their order matters. */
export type Entry = readonly [key: string, value: string]

/** A decoded frame. */
export class Message {
  readonly type: AnswerType
  readonly entries: readonly Entry[]

  constructor(type: AnswerType, entries: readonly Entry[]) {
    this.type = type
    this.entries = entries
  }

  get(key: string): string | undefined {
    return this.entries.find(([name]) => name === key)?.[1]
  }

  /** Throws GLOVEBOX_PROTOCOL where the key is absent. */
  need(key: string): string {
    const value = this.get(key)
    if (value === undefined) throw malformed(`\`${key}\` is missing in a ${this.type}`)
    return value
  }

  /** `undefined` where the key is absent. Throws GLOVEBOX_PROTOCOL for what is no number. */
  number(key: string): number | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (!/^-?\d+$/.test(value)) throw malformed(`\`${key}=${value}\` is no number`)
    return Number(value)
  }

  /** Groups that each begin with `key`: `leak`, `leak.pid`, `leak.command`, `leak` … */
  groups(key: string): Message[] {
    const groups: Entry[][] = []
    for (const entry of this.entries) {
      if (entry[0] === key) groups.push([entry])
      else if (entry[0].startsWith(`${key}.`)) groups.at(-1)?.push(entry)
    }
    return groups.map((entries) => new Message(this.type, entries))
  }
}

/** Throws GLOVEBOX_PROTOCOL for a value that holds a NUL, and for more than the supervisor accepts. */
export function encodeRequest(type: RequestType, id: number, entries: readonly Entry[]): Buffer {
  const parts = [`type=${type}\0id=${id}\0`]
  for (const [key, value] of entries) {
    if (value.includes('\0')) {
      throw new GloveboxError(
        'GLOVEBOX_PROTOCOL',
        `\`${key}\` of a ${type} request holds a NUL byte: ${JSON.stringify(value)}`,
      )
    }
    parts.push(`${key}=${value}\0`)
  }
  const payload = Buffer.from(parts.join(''))
  if (payload.length > MAX_REQUEST) {
    throw new GloveboxError(
      'GLOVEBOX_PROTOCOL',
      `a ${type} request of ${payload.length} bytes is larger than the supervisor accepts (${MAX_REQUEST})`,
      { remedy: 'Shorten the arguments, the environment or the list of mounts.' },
    )
  }
  return Buffer.concat([frameHeader(payload.length), payload])
}

/** Throws GLOVEBOX_PROTOCOL naming the record. */
export function decodePayload(payload: Buffer): Message {
  if (payload.length === 0 || payload[payload.length - 1] !== 0)
    throw malformed('a frame does not end with a NUL')
  const entries = payload
    .toString('utf8', 0, payload.length - 1)
    .split('\0')
    .map((record): Entry => {
      const equals = record.indexOf('=')
      if (equals < 1) throw malformed(`record \`${record.slice(0, 80)}\` is no key=value`)
      return [record.slice(0, equals), record.slice(equals + 1)]
    })
  const [first, ...rest] = entries
  const type = answerTypes.find((name) => first?.[0] === 'type' && first[1] === name)
  if (type === undefined) throw malformed(`a frame begins with \`${first?.join('=')}\``)
  return new Message(type, rest)
}

function malformed(what: string): GloveboxError {
  return new GloveboxError('GLOVEBOX_PROTOCOL', `The supervisor sent what core does not understand: ${what}`)
}
