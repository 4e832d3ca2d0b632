import { expect, test } from 'vitest'
import { readDocblock } from './docblock.js'

function messageOf(contents: string): string {
  try {
    readDocblock(contents, '/app/a.test.ts')
  } catch (error) {
    expect(error).toMatchObject({ code: 'GLOVEBOX_CONFIG' })
    return (error as Error).message
  }
  throw new Error('the docblock was accepted')
}

test('pragmas of the first comment become options, the others are left alone', () => {
  const { options, lines, warnings } = readDocblock(
    `/**
 * Talks to a real server.
 * @license MIT
 * @glovebox-memory 256MiB
 * @glovebox-network host
 * @glovebox-timeout 30s
 * @glovebox-hide ~/.a
 * @glovebox-hide ~/.b
 */
import { test } from 'vitest'
`,
    '/app/a.test.ts',
  )
  expect(options).toEqual({
    limits: { memory: 256 * 2 ** 20, timeout: 30_000 },
    network: 'host',
    filesystem: { hide: ['~/.a', '~/.b'] },
  })
  expect(lines.get('memory')).toBe(4)
  expect(warnings).toEqual([])
})

test.each([
  ['no comment', "import { test } from 'vitest'"],
  ['nothing', ''],
  ['a comment without pragmas', '/* @license MIT */'],
])('a file with %s asks for nothing', (_, contents) => {
  expect(readDocblock(contents, 'x')).toEqual({ options: {}, lines: new Map(), warnings: [] })
})

test.each([
  ['a single line', '/** @glovebox-pids 64 */'],
  ['a plain block comment', '/* @glovebox-pids 64 */'],
  ['a shebang line above', '#!/usr/bin/env node\n/** @glovebox-pids 64 */'],
  ['a byte order mark', '\uFEFF/** @glovebox-pids 64 */'],
  ['blank lines above', '\n\n/** @glovebox-pids 64 */'],
  ['Windows line ends', '/**\r\n * @glovebox-pids 64\r\n */\r\n'],
])('a docblock may have %s', (_, contents) => {
  expect(readDocblock(contents, 'x').options).toEqual({ limits: { pids: 64 } })
})

test('an unknown pragma is refused with file, line and the nearest one', () => {
  expect(messageOf('/**\n * Hello\n * @glovebox-memroy 1GiB\n */')).toContain(
    '/app/a.test.ts: line 3: @glovebox-memroy: unknown pragma; did you mean "@glovebox-memory"?',
  )
  expect(messageOf('/** @gloveboxMemory 1GiB */')).toContain('@gloveboxMemory: unknown pragma')
})

test('a bad value is refused with file, line, key and value', () => {
  expect(messageOf('/**\n * @glovebox-network host\n * @glovebox-memory lots\n */')).toContain(
    "/app/a.test.ts: line 3: @glovebox-memory: 'lots' is not a size such as 256MiB",
  )
})

test('the bad one of repeated pragmas is named by its own line', () => {
  expect(messageOf('/**\n * @glovebox-io 8:0 readBps=1\n * @glovebox-io sda\n */')).toContain(
    'line 3: @glovebox-io',
  )
})

test('a pragma without a value is refused', () => {
  expect(messageOf('/** @glovebox-network */')).toContain('@glovebox-network: needs a value')
})

test('several problems are all listed', () => {
  expect(messageOf('/**\n * @glovebox-pids 0\n * @glovebox-foo 1\n */')).toMatch(
    /2 problems[\s\S]*line 2[\s\S]*line 3/,
  )
})

test.each([
  ['a // line', '// eslint-disable\n/** @glovebox-memory 1GiB */', 2],
  ['a shebang and a // line', '#!/usr/bin/env node\n// x\n/** @glovebox-memory 1GiB */', 3],
  ['another comment', '/* Copyright */\n/** @glovebox-memory 1GiB */', 2],
])('a docblock that %s makes ignored is warned of', (_, contents, line) => {
  const { options, warnings } = readDocblock(contents, '/app/a.test.ts')
  expect(options).toEqual({})
  expect(warnings).toEqual([
    expect.stringContaining(`/app/a.test.ts: line ${line}: @glovebox-memory is ignored`),
  ])
})

test('pragmas in line comments are warned of as well', () => {
  expect(readDocblock('// @glovebox-memory 1GiB\ncode()', 'x').warnings).toHaveLength(1)
})

test('text in the code that looks like a pragma is no pragma', () => {
  const contents = "const text = '/** @glovebox-memory 1GiB */'\n/** @glovebox-memory 1GiB */"
  expect(readDocblock(contents, 'x')).toMatchObject({ options: {}, warnings: [] })
})

test('what the network lets through has pragmas of its own, which go with no word for all of it', () => {
  const both = '/**\n * @glovebox-forward 5432\n * @glovebox-forward db:6379\n * @glovebox-allow a.b:443\n */'
  expect(readDocblock(both, 'a.test.ts').options.network).toEqual({
    forward: [
      { port: 5432, host: 'localhost', hostPort: 5432 },
      { port: 6379, host: 'db', hostPort: 6379 },
    ],
    allow: [{ name: 'a.b', port: 443 }],
  })
  const clash = '/**\n * @glovebox-network host\n * @glovebox-forward 5432\n */'
  expect(() => readDocblock(clash, 'a.test.ts')).toThrow(
    'a.test.ts: line 3: @glovebox-forward: contradicts @glovebox-network in line 2. Leave one of them out',
  )
})
