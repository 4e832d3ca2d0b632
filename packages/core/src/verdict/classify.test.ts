import { expect, test } from 'vitest'
import type { Evidence } from './classify.js'
import { type Change, passed, profile, verdictOf } from './evidence.fixture.js'

const leak = { kind: 'process', pid: 3, command: 'sleep' } as const

const memory = { kind: 'memory-limit', limit: 100, peak: 99, kills: 1 }
const timeout = { kind: 'timeout', limit: 5000, wall: 5001 }
const pids = { kind: 'pids-limit', limit: 64, peak: 64, refused: 2 }
const disk = { kind: 'disk-limit', limit: 1000, used: 900 }

test.each<[string, Change, Evidence['outcome'], unknown]>([
  ['a file that passed', {}, 'passed', passed],
  ['a file that failed', {}, 'failed', passed],
  ['a file that passed, whatever its exit code', { code: 7 }, 'passed', passed],
  [
    'an OOM kill of the worker',
    { cause: { kind: 'memory' }, signal: 'SIGKILL', hits: { memory: 1 } },
    undefined,
    memory,
  ],
  ['an OOM kill whose count was not read', { cause: { kind: 'memory' }, code: undefined }, undefined, memory],
  ['an OOM kill of a child of a file that passed', { hits: { memory: 1 } }, 'passed', memory],
  [
    'an OOM kill that took the init',
    { cause: { kind: 'init-died' }, hits: { memory: 1 } },
    undefined,
    memory,
  ],
  ['a timeout', { cause: { kind: 'timeout' }, signal: 'SIGKILL' }, undefined, timeout],
  ['a timeout after the file was done', { cause: { kind: 'timeout' } }, 'passed', timeout],
  [
    'a timeout before memory ran out',
    { cause: { kind: 'timeout' }, hits: { memory: 1 } },
    undefined,
    timeout,
  ],
  [
    'memory that ran out while forks were refused',
    { cause: { kind: 'memory' }, hits: { pids: 2 } },
    undefined,
    memory,
  ],
  ['refused forks of a file that failed', { hits: { pids: 2 } }, 'failed', pids],
  [
    'refused forks of a file that crashed of them',
    { hits: { pids: 2 }, signal: 'SIGABRT', code: undefined },
    undefined,
    pids,
  ],
  [
    'a sandbox that was ended because nothing could refuse its forks',
    { cause: { kind: 'killed', detail: 'pids' }, hits: { pids: 2 }, signal: 'SIGKILL' },
    undefined,
    pids,
  ],
  ['refused forks of a file that passed', { hits: { pids: 2 } }, 'passed', passed],
  ['a full disk of a file that failed', { hits: { disk: true } }, 'failed', disk],
  ['a full disk of a file that passed', { hits: { disk: true } }, 'passed', passed],
  ['an exit before the file was done', { code: 3 }, undefined, { kind: 'exited', code: 3 }],
  ['an exit with success before the file was done', {}, undefined, { kind: 'exited', code: 0 }],
  [
    'a fault',
    { signal: 'SIGSEGV', code: undefined },
    undefined,
    { kind: 'crashed', signal: 'SIGSEGV', heapExhausted: false },
  ],
  [
    'a fault after the file passed',
    { signal: 'SIGSEGV', code: undefined },
    'passed',
    { kind: 'crashed', signal: 'SIGSEGV', heapExhausted: false },
  ],
  [
    'SIGKILL of itself',
    { signal: 'SIGKILL', code: undefined },
    undefined,
    { kind: 'killed', signal: 'SIGKILL', by: 'unknown', detail: undefined },
  ],
  [
    'SIGTERM of itself',
    { signal: 'SIGTERM', code: undefined },
    undefined,
    { kind: 'killed', signal: 'SIGTERM', by: 'unknown', detail: undefined },
  ],
  [
    'a kill by us',
    { cause: { kind: 'killed', detail: 'cancelled' } },
    undefined,
    { kind: 'killed', signal: 'SIGKILL', by: 'glovebox', detail: 'cancelled' },
  ],
  [
    'a kill by us of what forks had been refused to',
    { cause: { kind: 'killed', detail: '' }, hits: { pids: 1 } },
    undefined,
    { kind: 'killed', signal: 'SIGKILL', by: 'glovebox', detail: undefined },
  ],
  [
    'a kill by us of a worker that was done but would not end',
    { cause: { kind: 'killed', detail: 'late' } },
    'passed',
    passed,
  ],
  [
    'the supervisor gone',
    { cause: { kind: 'supervisor-died', detail: 'was killed' } },
    'passed',
    { kind: 'sandbox-error', stage: 'supervisor', errno: undefined, path: undefined, message: 'was killed' },
  ],
  [
    'the init gone',
    { cause: { kind: 'init-died' } },
    undefined,
    expect.objectContaining({ kind: 'sandbox-error', stage: 'init' }),
  ],
  [
    'a command that cannot be executed',
    { cause: { kind: 'exec-failed', stage: 'exec', errno: 2, path: '/x' } },
    undefined,
    expect.objectContaining({ kind: 'sandbox-error', stage: 'exec', errno: 2, path: '/x' }),
  ],
])('%s', (_, ending, outcome, verdict) => {
  expect(verdictOf(ending, outcome)).toEqual(verdict)
})

test('a full disk is known from an error of the file as well', () => {
  expect(verdictOf({}, 'failed', { noSpace: true })).toEqual(disk)
  expect(verdictOf({}, 'passed', { noSpace: true })).toEqual(passed)
})

test('a refused process is known from the worker where the kernel does not count, and tells the peak', () => {
  const limits = { ...profile.limits, pids: 64 }
  const more = { forksRefused: 2, countsForks: false, profile: { ...profile, limits } }
  const refused = { kind: 'pids-limit', limit: 64, peak: 64, refused: 2 }
  expect(verdictOf({ usage: { pidsPeak: 12 } }, 'failed', more)).toEqual(refused)
  expect(verdictOf({}, undefined, more)).toEqual(refused)
  expect(verdictOf({}, 'passed', more)).toEqual(passed)
  const unlimited = { ...more, profile: { ...profile, limits: { ...limits, pids: undefined } } }
  expect(verdictOf({}, 'failed', unlimited)).toEqual(passed)
})

test('a heap limit that lies below the one on memory is that of memory', () => {
  const ending: Change = { signal: 'SIGABRT', code: undefined }
  expect(verdictOf(ending, undefined, { heapExhausted: true, heapLimit: 60 })).toEqual({
    ...memory,
    kills: 0,
    heap: 60,
  })
  expect(verdictOf(ending, undefined, { heapLimit: 60 })).toMatchObject({ kind: 'crashed' })
  expect(verdictOf({ code: 1 }, 'failed', { heapExhausted: true, heapLimit: 60 })).toEqual(passed)
})

test('an abort for want of heap is told from other aborts', () => {
  expect(verdictOf({ signal: 'SIGABRT', code: undefined }, undefined, { heapExhausted: true })).toEqual({
    kind: 'crashed',
    signal: 'SIGABRT',
    heapExhausted: true,
  })
})

test.each([
  ['fail', { kind: 'leaked', leaks: [leak] }],
  ['report', passed],
  ['ignore', passed],
] as const)('leaks under the policy %s', (leaks, verdict) => {
  expect(verdictOf({ leaks: [leak] }, 'passed', { profile: { ...profile, leaks } })).toEqual(verdict)
})

test('a limit comes before leaks', () => {
  expect(
    verdictOf({ leaks: [leak], hits: { memory: 1 } }, 'passed', { profile: { ...profile, leaks: 'fail' } }),
  ).toEqual(memory)
})

const lost = { path: '/app/data.db', change: 'created', size: 12 } as const

test('writes that are lost fail a file if that is asked for', () => {
  const fail: Evidence['profile'] = { ...profile, strictWrites: 'fail' }
  const writes = [lost]
  expect(verdictOf({}, 'passed', { profile: fail, writes })).toEqual({ kind: 'unexpected-writes', writes })
  expect(verdictOf({}, 'passed', { profile: fail, writes: [] })).toEqual(passed)
  expect(verdictOf({}, 'passed', { profile: { ...profile, strictWrites: 'report' }, writes })).toEqual(passed)
  expect(verdictOf({ code: 3 }, undefined, { profile: fail, writes })).toEqual({ kind: 'exited', code: 3 })
})
