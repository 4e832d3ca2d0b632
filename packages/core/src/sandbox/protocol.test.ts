import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as protocol from './protocol.js'

const header = readFileSync(new URL('../../../../native/protocol.h', import.meta.url), 'utf8')
const defined = new Map(
  [...header.matchAll(/^#define GB_(\w+) (?:"([^"]+)"|(\d+))/gm)].map(([, name, text, number]) => [
    name,
    text ?? Number(number),
  ]),
)

test('numbers are those of native/protocol.h', () => {
  const { PROTOCOL_VERSION, CONTROL_FD, CHANNEL_FD, MAX_REQUEST, MAX_REPLY, MAX_NAME } = protocol
  const numbers = [...defined].filter(([, value]) => typeof value === 'number')
  expect(Object.fromEntries(numbers)).toEqual({
    PROTOCOL_VERSION,
    CONTROL_FD,
    CHANNEL_FD,
    MAX_REQUEST,
    MAX_REPLY,
    MAX_NAME,
  })
})

test('message types are those of native/protocol.h', () => {
  const words = [...defined.values()].filter((value) => typeof value === 'string')
  expect([...protocol.requestTypes, ...protocol.answerTypes]).toEqual(words)
})

test('a request is a length and records that each end with a NUL', () => {
  const frame = protocol.encodeRequest('usage', 7, [['sandbox', 'é']])
  expect(frame.readUInt32LE()).toBe(frame.length - 4)
  expect(frame.toString('utf8', 4)).toBe('type=usage\0id=7\0sandbox=é\0')
})

test('a value that holds a NUL cannot be sent', () => {
  expect(() => protocol.encodeRequest('start', 1, [['arg', 'a\0env=b']])).toThrow(/`arg`.*NUL/)
})

test('a request that the supervisor would refuse for its size is refused here', () => {
  const entries: protocol.Entry[] = [['arg', 'x'.repeat(protocol.MAX_REQUEST)]]
  expect(() => protocol.encodeRequest('start', 1, entries)).toThrow(/larger than the supervisor accepts/)
})

test('values keep equals signs and line ends', () => {
  const message = protocol.decodePayload(Buffer.from('type=reply\0id=3\0path=a=b\nc\0empty=\0'))
  expect(message.type).toBe('reply')
  expect(message.get('path')).toBe('a=b\nc')
  expect(message.get('empty')).toBe('')
  expect(message.get('absent')).toBeUndefined()
  expect(message.number('id')).toBe(3)
})

test('repeated records are grouped by the key that begins a group', () => {
  const message = protocol.decodePayload(
    Buffer.from('type=event\0leak=process\0leak.pid=3\0leak=listener\0leak.address=tcp [::]:1\0cause=exit\0'),
  )
  expect(message.groups('leak').map((group) => group.entries)).toEqual([
    [
      ['leak', 'process'],
      ['leak.pid', '3'],
    ],
    [
      ['leak', 'listener'],
      ['leak.address', 'tcp [::]:1'],
    ],
  ])
})

test.each([
  ['nothing', ''],
  ['no NUL at the end', 'type=reply'],
  ['a record without key', 'type=reply\0=x\0'],
  ['a record without value', 'type=reply\0id\0'],
  ['an unknown type', 'type=hello\0'],
  ['no type', 'id=1\0'],
])('%s is an error of protocol', (_, payload) => {
  expect(() => protocol.decodePayload(Buffer.from(payload))).toThrow(
    expect.objectContaining({ code: 'GLOVEBOX_PROTOCOL' }),
  )
})

test('a number that is none is an error of protocol', () => {
  const message = protocol.decodePayload(Buffer.from('type=reply\0id=1x\0'))
  expect(() => message.number('id')).toThrow(/`id=1x` is no number/)
})
