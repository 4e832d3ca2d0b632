import { expect, test } from 'vitest'
import { decodeBlocked, decodeEnding, signalName } from './decode-ending.js'
import { decodePayload } from './protocol.js'

function exit(...records: string[]): ReturnType<typeof decodeEnding> {
  return decodeEnding(
    decodePayload(Buffer.from(['type=event', 'event=exit', 'sandbox=s1', ...records, ''].join('\0'))),
  )
}

test('an exit with everything that can be known', () => {
  const ending = exit(
    'code=3',
    'cause=exit',
    'hit.memory=1',
    'hit.pids=2',
    'hit.disk=1',
    'usage.memory.peak=4096',
    'usage.cpu.user=0',
    'usage.wall=12',
    'leak=process',
    'leak.pid=4',
    'leak.command=sleep 100',
    'leak=listener',
    'leak.address=tcp 127.0.0.1:3000',
  )
  expect(ending).toEqual({
    cause: { kind: 'exit' },
    code: 3,
    signal: undefined,
    hits: { memory: 1, pids: 2, disk: true },
    usage: { memoryPeak: 4096, cpuUser: 0, wall: 12 },
    leaks: [
      { kind: 'process', pid: 4, command: 'sleep 100' },
      { kind: 'listener', address: 'tcp 127.0.0.1:3000' },
    ],
    blocked: [],
  })
})

test.each([
  [
    ['blocked=name', 'host=api.example.com', 'time=7000000'],
    { kind: 'name', host: 'api.example.com', at: 7_000_000 },
  ],
  [['blocked=unreachable', 'host=db', 'port=5432'], { kind: 'unreachable', host: 'db', port: 5432 }],
])('of the network: %j', (records, blocked) => {
  const payload = Buffer.from(['type=event', 'event=network', 'sandbox=s1', ...records, ''].join('\0'))
  expect(decodeBlocked(decodePayload(payload))).toEqual(blocked)
})

test('what could not be measured is absent', () => {
  expect(exit('cause=timeout', 'signal=9')).toEqual({
    cause: { kind: 'timeout' },
    code: undefined,
    signal: 'SIGKILL',
    hits: { memory: 0, pids: 0, disk: false },
    usage: {},
    leaks: [],
    blocked: [],
  })
})

test.each([
  [['cause=killed', 'cause.detail=why not'], { kind: 'killed', detail: 'why not' }],
  [['cause=init-died'], { kind: 'init-died' }],
  [
    ['cause=exec-failed', 'stage=exec', 'errno=2', 'path=/nope'],
    { kind: 'exec-failed', stage: 'exec', errno: 2, path: '/nope' },
  ],
])('%j', (records, cause) => {
  expect(exit(...records).cause).toEqual(cause)
})

test.each([
  [9, 'SIGKILL'],
  [6, 'SIGABRT'],
  [11, 'SIGSEGV'],
  [34, 'SIGRTMIN+0'],
  [40, 'SIGRTMIN+6'],
  [undefined, undefined],
])('signal %s is %s', (number, name) => {
  expect(signalName(number)).toBe(name)
})
