import { expect, test } from 'vitest'
import type { Ownership } from '../host/ownership.js'
import { keptCapabilities, whyFileCapabilities } from './capabilities.js'
import type { Mount } from './profile.js'

const foreign = '/app belongs to user 1001'

test.each([
  ['auto', false, undefined, 'none'],
  ['auto', false, foreign, 'files'],
  ['auto', true, undefined, 'files'],
  ['files', false, undefined, 'files'],
  ['none', false, foreign, 'none'],
  ['none', true, foreign, 'none'],
] as const)('asked for %s, nested sandboxes %s, %s: %s', (asked, nested, reason, kept) => {
  expect(keptCapabilities(asked, nested, reason)).toBe(kept)
})

const mounts: Mount[] = [
  { type: 'bind', source: '/', target: '/', readonly: true },
  { type: 'scratch', target: '/home', mode: 0o755 },
  { type: 'bind', source: '/home/me/tools', target: '/home/me/tools', readonly: true },
]
const closed = (path: string): Ownership => ({ path, uid: 1000, gid: 1000, mode: 0o700 })

test.each([
  ['as the host has it', '/srv/closed', '/srv/closed is closed to all but user 1000'],
  ['below what is private, where it is made anew', '/home/me', undefined],
  [
    'below what is private, but mounted there',
    '/home/me/tools',
    '/home/me/tools is closed to all but user 1000',
  ],
])('a closed directory %s', (_, path, reason) => {
  expect(whyFileCapabilities({ files: [], ways: [closed(path)] }, mounts)).toBe(reason)
})
