/** Bytes from a generator, at a supervisor that sanitizers watch. What makes sense but comes at the wrong time: supervisor-input.test.ts. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { buildSupervisor, SupervisorDriver } from './supervisor-driver.js'
import { encode } from './supervisor-frames.js'

describe('the sanitized supervisor', () => {
  const supported = requires('cc', 'root')
  beforeAll(() => {
    if (supported) buildSupervisor('sanitized')
  })

  test('is a sanitized one', async () => {
    const path = join(repository, 'native/build/glovebox-supervisor-sanitized')
    const { stderr } = await promisify(execFile)(path, ['--version'], {
      env: { ASAN_OPTIONS: 'verbosity=1' },
    })
    expect(stderr).toContain('AddressSanitizer')
  })

  test('answers noise with an error, never by crashing', async () => {
    const random = generator(12345)
    for (let round = 0; round < 20; round++) {
      const noise = Buffer.from(Array.from({ length: 200 }, () => random() & 0xff))
      noise.writeUInt32LE(random() % 196)
      expect(await answerTo(noise)).toBe('error bad-request 3')
    }
  })

  test('answers a request with any of its bytes changed', async () => {
    const random = generator(54321)
    const request = encode([
      ['type', 'limits'],
      ['id', 5],
      ['sandbox', 'none'],
      ['limit.memory', 1 << 20],
      ['limit.io', '8:0 rbps=1 wiops=2'],
      ['limit.hugetlb', '2MB=4194304'],
      ['limit.cpuset', '0-1'],
    ])
    for (let round = 0; round < 20; round++) {
      const changed = Buffer.from(request)
      changed[4 + (random() % (changed.length - 4))] = random() & 0xff
      // After it one that ends the supervisor: it may have been changed into something that makes sense.
      expect(await answerTo(Buffer.concat([changed, encode([['type', 'nonsense']])]))).toBe(
        'error bad-request 3',
      )
    }
  })
})

/** What the last frame was, and the exit status. */
async function answerTo(bytes: Buffer): Promise<string> {
  await using driver = await SupervisorDriver.launch('root', 'sanitized')
  driver.control.write(bytes)
  const { code } = await driver.ended
  const last = driver.others.at(-1)
  return `${last?.type} ${last?.get('code')} ${code}`
}

/** The same numbers each time: what fails once fails again. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return state >>> 16
  }
}
