/** Input that makes no sense ends the supervisor with an error that names the record, sanitizers watching. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { converse, frame } from './control.js'

const supervisor = join(repository, 'native/build/glovebox-supervisor-sanitized')
const root = 'mount=bind mount.source=/ mount.target=/ mount.readonly=1'
const hello = (runDir: string) =>
  frame('type=hello', 'id=1', 'protocol=1', `runDir=${runDir}`, `socket=${runDir}/none`)

describe('the sanitized supervisor', () => {
  const supported = requires('cc')
  beforeAll(async () => {
    if (supported) await promisify(execFile)('node', [join(repository, 'native/build.mjs'), '--sanitize'])
  })

  test('is a sanitized one', async () => {
    const { stderr } = await promisify(execFile)(supervisor, ['--version'], {
      env: { ASAN_OPTIONS: 'verbosity=1' },
    })
    expect(stderr).toContain('AddressSanitizer')
  })

  test('answers what makes sense, and ends quietly with its control socket', async () => {
    const answer = await converse(supervisor, hello, { frames: 1 })
    expect(answer).toMatchObject({
      frames: 1,
      status: 0,
      stderr: '',
      records: { type: 'reply', id: '1', protocol: '1' },
    })
  })

  test.each<[string, Buffer, string]>([
    ['an empty frame', frame(), 'empty'],
    ['a frame that is too long', Buffer.from([0xff, 0xff, 0xff, 0x7f, 0x61, 0x62]), 'longer than'],
    ['a payload without its last NUL', Buffer.from([3, 0, 0, 0, 0x61, 0x3d, 0x62]), 'NUL'],
    ['an unknown request', frame('type=explode', 'id=1'), 'type=explode'],
    ['an unknown key', frame('type=usage', 'id=1', 'sandbox=s', 'colour=red'), 'colour=red'],
    ['a name that is a path', frame('type=destroy', 'id=1', 'sandbox=../../etc'), 'sandbox=../../etc'],
    [
      'a number beyond 64 bits',
      frame('type=usage', 'id=99999999999999999999', 'sandbox=s'),
      'id=99999999999999999999',
    ],
    [
      'a record of 100,000 bytes',
      frame('type=usage', 'id=1', `sandbox=${'a'.repeat(100_000)}`),
      'sandbox=aaaa',
    ],
    ['bytes that are no text', frame('type=usage', 'id=1', 'sandbox=\xff\xfe\x01'), 'sandbox=???'],
  ])('%s', async (_, bytes, named) => {
    for (const before of [Buffer.alloc(0), undefined]) {
      const answer = await converse(supervisor, (runDir) => Buffer.concat([before ?? hello(runDir), bytes]))
      expect(answer).toMatchObject({
        status: 3,
        signal: null,
        stderr: '',
        records: { type: 'error', id: '0', code: 'bad-request' },
      })
      expect(JSON.stringify(answer.records)).toContain(named)
    }
  })

  test('random bytes never crash it', async () => {
    let state = 12345 // a fixed seed: what fails once fails again
    const random = () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return state >>> 16
    }
    for (let round = 0; round < 10; round++) {
      const noise = Buffer.from(Array.from({ length: 200 }, () => random() & 0xff))
      noise.writeUInt32LE(random() % 196, 0)
      const answer = await converse(supervisor, (runDir) => Buffer.concat([hello(runDir), noise]))
      expect(answer).toMatchObject({ status: 3, stderr: '', records: { type: 'error' } })
    }
  })

  test.each<[string, string[], Record<string, string>]>([
    [
      'a sandbox before hello',
      `type=create id=7 sandbox=s hostname=h network=none user=caller stdio=null channel=0 scratch.size=4096 ${root}`.split(
        ' ',
      ),
      { type: 'error', id: '7', code: 'wrong-state' },
    ],
    [
      'another protocol',
      ['type=hello', 'id=7', 'protocol=999', 'runDir=/tmp/x', 'socket=/tmp/x/s'],
      { type: 'error', id: '7' },
    ],
    [
      'a run directory that is not there',
      ['type=hello', 'id=7', 'protocol=1', 'runDir=/tmp/glovebox-none', 'socket=/tmp/glovebox-none/s'],
      { type: 'error', id: '7', path: '/tmp/glovebox-none' },
    ],
  ])('%s is refused', async (_, request, expected) => {
    const answer = await converse(supervisor, frame(...request), { frames: 1 })
    expect(answer).toMatchObject({ stderr: '', signal: null, records: expected })
  })

  test('a sandbox that does not exist is unknown, and the next request is answered all the same', async () => {
    const answer = await converse(
      supervisor,
      (runDir) =>
        Buffer.concat([
          hello(runDir),
          frame('type=usage', 'id=2', 'sandbox=s'),
          frame('type=probe', 'id=3', 'feature=uts'),
        ]),
      { frames: 3 },
    )
    expect(answer).toMatchObject({ frames: 3, status: 0, stderr: '', records: { id: '3' } })
  })
})
