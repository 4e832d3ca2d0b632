import { expect, test } from 'vitest'
import { unforkable } from './forkable.js'

test.each([
  [['--inspect-brk=0'], {}, 'it does not work with --inspect-brk'],
  [['--max-old-space-size=64', '--import=./hooks.js'], {}, 'it does not work with --import'],
  [[], { NODE_OPTIONS: '--enable-source-maps --cpu-prof' }, 'it does not work with --cpu-prof'],
  [['--max-old-space-size=64'], { NODE_OPTIONS: '--enable-source-maps' }, undefined],
])('flags %j and %j: %s', (execArgv, env, reason) => {
  expect(unforkable(execArgv, env, true)).toBe(reason)
})

test('another C library than glibc', () => {
  expect(unforkable([], {}, false)).toBe('it needs the GNU C library')
})
