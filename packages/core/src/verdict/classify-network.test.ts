import { expect, test } from 'vitest'
import type { Ending } from '../sandbox/ending.js'
import { type Change, passed, profile, verdictOf } from './evidence.fixture.js'

test('a port that is forwarded is not the file’s to listen on', () => {
  const network = {
    forward: [{ port: 5432, host: 'db', hostPort: 1 }],
    allow: [],
    onBlocked: 'report',
  } as const
  const more = { profile: { ...profile, network }, portsInUse: [3000, 5432] }
  expect(verdictOf({}, 'failed', more)).toEqual({ kind: 'port-forwarded', ports: [5432] })
  expect(verdictOf({}, 'passed', more)).toEqual(passed)
  expect(verdictOf({}, 'failed', { portsInUse: [5432] })).toEqual(passed)
})

const refused = { kind: 'name', host: 'api.example.com' } as const
const silent = { kind: 'unreachable', host: 'db', port: 5432 } as const

test.each<[string, 'report' | 'fail', Ending['blocked'], unknown]>([
  [
    'names that were refused fail a file if that is asked for',
    'fail',
    [silent, refused],
    { kind: 'network-blocked', blocked: [refused] },
  ],
  ['else they are only reported', 'report', [refused], passed],
  ['a target that does not answer is not the fault of the file', 'fail', [silent], passed],
])('%s', (_, onBlocked, blocked, verdict) => {
  const network = { forward: [], allow: [], onBlocked }
  expect(verdictOf({ blocked }, 'passed', { profile: { ...profile, network } })).toEqual(verdict)
})

test('an address elsewhere is refused as well; a name that is allowed and does not exist is not', () => {
  const network = { forward: [], allow: [], onBlocked: 'fail' } as const
  const address = { kind: 'address', host: '192.0.2.1', port: 80, test: 'pays' } as const
  const unknown = { kind: 'name', host: 'allowed.example.com', port: 443 } as const
  const known = { ...refused, port: 443, test: 'charges' }
  const more = { profile: { ...profile, network }, blocked: [known, unknown, address] }
  expect(verdictOf({ blocked: [refused] }, 'passed', more)).toEqual({
    kind: 'network-blocked',
    blocked: [known, address],
  })
  expect(verdictOf({}, 'passed', { ...more, blocked: [unknown] })).toEqual(passed)
  expect(verdictOf({}, 'passed', { blocked: [address] })).toEqual(passed)
})

test('a file that died is not said to have been refused something', () => {
  const network = { forward: [], allow: [], onBlocked: 'fail' } as const
  const ending: Change = { blocked: [refused], signal: 'SIGSEGV' }
  expect(verdictOf(ending, undefined, { profile: { ...profile, network } })).toMatchObject({
    kind: 'crashed',
  })
})
