import { expect, test } from 'vitest'
import { preloadedPlaces } from './places.js'

test.each<[options: string, expected: string[]]>([
  ['', []],
  ['--max-old-space-size=100', []],
  ['--require /home/me/.vscode/boot.js', ['/home/me/.vscode', '/home/me/.vscode/boot.js']],
  ['--require=/a/b.js --import file:///c/d.mjs', ['/a', '/a/b.js', '/c', '/c/d.mjs']],
  ['--require "/a/b.js"', ['/a', '/a/b.js']],
  ['-r tsx --loader relative.js', []],
])('NODE_OPTIONS=%s preloads from %j', (options, expected) => {
  expect(preloadedPlaces({ env: { NODE_OPTIONS: options } })).toEqual(expected)
})

test('flags of the worker count as well', () => {
  expect(preloadedPlaces({ env: {}, execArgv: ['--import', '/a/b.mjs'] })).toEqual(['/a', '/a/b.mjs'])
})
