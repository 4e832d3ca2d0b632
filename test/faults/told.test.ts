/** What goes wrong in the supervisor's processes reaches the runner as an error of Glovebox's, with stage, errno and path. */
import { constants } from 'node:os'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildFaulty } from '../../native/test/programs.mjs'
import { requires } from '../harness/requires.js'
import { type Fault, type Role, spell } from './faulty.js'
import { allPassed, type Outcome, passed, start } from './runner.js'

const { ENOMEM, EAGAIN, ENOSPC, EMFILE, EPERM, EINVAL } = constants.errno
const aPath: unknown = expect.stringContaining('/')

const ready = requires('root', 'cc', 'x64')
let supervisor = ''
beforeAll(async () => {
  if (ready) supervisor = await buildFaulty()
})

async function outcomesWith(fault?: Fault): Promise<Outcome[]> {
  const env = { GLOVEBOX_SUPERVISOR: supervisor, ...(fault && { GBTEST_FAULT: spell(fault) }) }
  const { outcomes, left } = await start('spawn', { env, onUnsupported: 'error' })
  const all = await outcomes
  expect(await left()).toEqual([])
  return all
}

test('without a fault all files pass', async () => {
  expect(await outcomesWith()).toEqual(allPassed)
})

describe('while the first sandbox is made', () => {
  test.each<[role: Role, call: string, nth: number, errno: string, told: Partial<Outcome>]>([
    ['relay', 'pipe2', 1, 'EMFILE', { stage: 'pipe', errno: EMFILE }],
    ['relay', 'clone', 1, 'EAGAIN', { stage: 'fork-keeper', errno: EAGAIN }],
    ['relay', 'mmap', 1, 'ENOMEM', { stage: 'shared-memory', errno: ENOMEM }],
    ['keeper', 'pipe2', 1, 'EMFILE', { stage: 'pipe', errno: EMFILE }],
    ['keeper', 'clone', 1, 'EAGAIN', { stage: 'clone-supervisor', errno: EAGAIN }],
    ['supervisor', 'socket', 1, 'EMFILE', { stage: 'connect', errno: EMFILE, path: aPath as string }],
    ['supervisor', 'clone', 1, 'ENOMEM', { stage: 'clone', errno: ENOMEM }],
    ['init', 'sethostname', 1, 'EPERM', { stage: 'hostname', errno: EPERM, path: 'glovebox' }],
    ['init', 'move_mount', 2, 'EINVAL', { errno: EINVAL, path: aPath as string }],
    ['init', 'mkdirat', 1, 'ENOSPC', { stage: 'mount-scratch', errno: ENOSPC, path: 'nothing' }],
  ])('%s: %s %i fails with %s', async (role, call, nth, errno, told) => {
    const outcomes = await outcomesWith({ role, call, nth, errno })
    expect(outcomes).toEqual([
      {
        error: expect.stringMatching(/^GLOVEBOX_(SANDBOX|UNSUPPORTED_HOST)$/),
        stage: expect.any(String),
        ...told,
      },
    ])
  })
})

test.each([2, 3, 4, 5])(
  'sandbox %i cannot be made for want of memory: its file says so, the others pass',
  async (nth) => {
    const outcomes = await outcomesWith({ role: 'supervisor', call: 'clone', nth, errno: 'ENOMEM' })
    const told = { error: 'GLOVEBOX_SANDBOX', stage: 'clone', errno: ENOMEM }
    expect(outcomes).toHaveLength(allPassed.length)
    // One that was prepared in vain is made anew.
    for (const outcome of outcomes) expect([passed, told]).toContainEqual(outcome)
  },
)
