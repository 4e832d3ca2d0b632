/** What the supervisor does with input that makes no sense, or not now. */
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { buildSupervisor, SupervisorDriver } from './supervisor-driver.js'
import { encode } from './supervisor-frames.js'

const ready = requires('root', 'cc')

const raw = (payload: string): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUInt32LE(Buffer.byteLength(payload))
  return Buffer.concat([header, Buffer.from(payload)])
}

describe.for(['plain', 'sanitized'] as const)('%s', (flavour) => {
  beforeAll(() => {
    if (ready) buildSupervisor(flavour)
  })

  test.for<[what: string, bytes: Buffer, message: string]>([
    ['a record without `=`', raw('abcd\0'), 'record `abcd`: the first record is not type='],
    ['bytes that are no text', raw('\x01\x02\xff\0'), 'the first record is not type='],
    ['an empty frame', raw(''), 'empty frame'],
    ['a frame without its last NUL', raw('type=usage\0id=1'), 'the last record has no NUL'],
    ['an unknown request', encode([['type', 'nonsense']]), 'record `type=nonsense`: unknown request'],
    [
      'an unknown key',
      encode([
        ['type', 'usage'],
        ['id', 1],
        ['colour', 'red'],
      ]),
      'record `colour=red`: unknown key',
    ],
    [
      'a missing key',
      encode([
        ['type', 'usage'],
        ['id', 1],
      ]),
      'record `sandbox`: missing',
    ],
    [
      'a key of another request',
      encode([
        ['type', 'usage'],
        ['id', 1],
        ['cwd', '/'],
      ]),
      'record `cwd=/`',
    ],
    [
      'a name that is a path',
      encode([
        ['type', 'usage'],
        ['id', 1],
        ['sandbox', '../x'],
      ]),
      'not a name of 1 to 63',
    ],
    [
      'a number out of range',
      encode([
        ['type', 'usage'],
        ['id', '18446744073709551616'],
      ]),
      'not a decimal number',
    ],
    [
      'an announcement of 2 MiB',
      Buffer.from([0, 0, 0x20, 0, ...Buffer.from('type=create\0')]),
      'longer than 1 MiB',
    ],
  ])('%s ends it, with an error that names the record, and nothing is left', async ([, bytes, message]) => {
    await using driver = await SupervisorDriver.launch('root', flavour)
    driver.control.write(bytes)
    expect(await driver.ended).toEqual({ code: 3, signal: null })
    const error = driver.others.at(-1)
    expect([error?.type, error?.get('id'), error?.get('code')]).toEqual(['error', '0', 'bad-request'])
    expect(error?.get('message')).toContain(message)
    expect(existsSync(driver.runDir)).toBe(false)
  })

  test('a request that arrives byte by byte is understood', async () => {
    await using driver = await SupervisorDriver.launch('root', flavour)
    const answer = driver.request('probe', [['feature', 'user']])
    for (const byte of encode([
      ['type', 'usage'],
      ['id', 77],
      ['sandbox', 'none'],
    ])) {
      driver.control.write(Buffer.from([byte]))
      await new Promise(setImmediate)
    }
    expect((await answer).get('ok')).toBe('1')
    await expect.poll(() => driver.others.at(-1)?.get('code')).toBe('unknown-sandbox')
  })

  test('a request at the wrong time is refused, and the supervisor goes on', async () => {
    await using driver = await SupervisorDriver.launch('root', flavour)
    expect((await driver.request('kill', [['sandbox', 'x']])).get('code')).toBe('unknown-sandbox')
    expect((await driver.create('x')).type).toBe('reply')
    expect((await driver.create('x')).get('code')).toBe('wrong-state')
    expect((await driver.request('changes', [['sandbox', 'x']])).get('code')).toBe('wrong-state')
    expect(
      (
        await driver.request('signal', [
          ['sandbox', 'x'],
          ['signal', 9],
        ])
      ).get('code'),
    ).toBe('wrong-state')
    expect((await driver.start('x', ['/bin/true'])).type).toBe('reply')
    expect((await driver.start('x', ['/bin/true'])).get('code')).toBe('wrong-state')
    expect((await driver.event('x')).get('code')).toBe('0')
    expect((await driver.request('destroy', [['sandbox', 'x']])).type).toBe('reply')
    expect((await driver.request('destroy', [['sandbox', 'x']])).get('code')).toBe('unknown-sandbox')
  })

  test('a sandbox that is destroyed while it is made answers both requests', async () => {
    await using driver = await SupervisorDriver.launch('root', flavour)
    const [created, destroyed] = await Promise.all([
      driver.create('x'),
      driver.request('destroy', [['sandbox', 'x']]),
    ])
    expect(destroyed.type).toBe('reply')
    expect(['error', 'reply']).toContain(created.type)
    expect((await driver.request('usage', [['sandbox', 'x']])).get('code')).toBe('unknown-sandbox')
  })
})
