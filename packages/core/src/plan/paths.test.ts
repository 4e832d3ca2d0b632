import picomatch from 'picomatch'
import { expect, test } from 'vitest'
import { absoluteGlob, ancestors, depth, escapeGlob, expandPath, isWithin } from './paths.js'

test.each([
  ['/a/b', '/a', true],
  ['/a', '/a', true],
  ['/ab', '/a', false],
  ['/a', '/a/b', false],
  ['/a', '/', true],
])('%s within %s: %j', (path, directory, expected) => {
  expect(isWithin(path, directory)).toBe(expected)
})

test.each([
  ['~', '/home/me'],
  ['~/.ssh', '/home/me/.ssh'],
  ['~other/x', '/app/~other/x'],
  ['secrets/', '/app/secrets'],
  ['../x', '/x'],
  ['/abs//path/', '/abs/path'],
])('the user’s %s is %s', (path, expected) => {
  expect(expandPath(path, '/home/me', '/app')).toBe(expected)
})

test('depth counts names, ancestors leave / out', () => {
  expect(['/', '/a', '/a/b'].map(depth)).toEqual([0, 1, 2])
  expect(ancestors('/a/b/c')).toEqual(['/a/b', '/a'])
  expect(ancestors('/')).toEqual([])
})

test.each([
  ['**/*.snap', '/app', '/app/x/y.snap'],
  ['../out/**', '/app/sub', '/app/out/z'],
  ['/abs/**', '/app', '/abs/z'],
  ['*.snap', '/app/(group)/[id] {x}!', '/app/(group)/[id] {x}!/a.snap'],
])('the glob %s of %s matches %s', (glob, root, file) => {
  expect(picomatch.isMatch(file, absoluteGlob(glob, root))).toBe(true)
  expect(picomatch.isMatch('/elsewhere/a.snap', absoluteGlob(glob, root))).toBe(false)
})

test.each([
  '/app/a.test.ts',
  '/app/[id]/(x)/{y}/a+b@c!d.test.ts',
  '/app/a*b?.ts',
  '/app/a\\b.ts',
  '/app/a|b^$.ts',
])('escaped, %s matches itself and nothing else', (path) => {
  expect(picomatch.isMatch(path, escapeGlob(path))).toBe(true)
  expect(picomatch.isMatch(`${path}x`, escapeGlob(path))).toBe(false)
})
