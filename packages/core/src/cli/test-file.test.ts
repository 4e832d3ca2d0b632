import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { RunFlags } from './flags.js'
import { runCommand } from './run-command.js'
import { type TestRun, testRunOf } from './test-file.js'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'gbtest-file-'))
  for (const name of ['cart.test.ts', 'tool.js', 'notes.txt']) writeFileSync(join(directory, name), '')
  chmodSync(join(directory, 'tool.js'), 0o755)
})
afterAll(() => rmSync(directory, { recursive: true }))

/** What `glovebox run` makes of these arguments. */
function parse(...args: string[]): TestRun | undefined {
  let run: TestRun | undefined
  runCommand()
    .action((words: [string, ...string[]], flags: RunFlags) => {
      run = testRunOf(words, flags, directory)
    })
    .parse(args, { from: 'user' })
  return run
}

test.each([
  [['cart.test.ts', '-t', 'applies coupon', '--under', 'cpus=0.2']],
  [['--under', 'cpus=0.2', 'cart.test.ts', '-t', 'applies coupon']],
  [['--under', 'cpus=0.2', '-t', 'applies coupon', '--', 'cart.test.ts']],
])('%j: options of a test file stand before or after it', (args) => {
  const flags = { testNamePattern: 'applies coupon', under: 'cpus=0.2' }
  expect(parse(...args)).toEqual({ file: 'cart.test.ts', flags })
})

test('a source file that cannot be executed is a test file; with an option of test files anything is', () => {
  expect(parse('cart.test.ts')).toEqual({ file: 'cart.test.ts', flags: {} })
  expect(parse('--runner', 'jest', 'tool.js')).toEqual({ file: 'tool.js', flags: { runner: 'jest' } })
})

test.each([
  [['tool.js', '--under', 'x']],
  [['--', 'npm', 'test', '-t', 'name']],
  [['--worker', 'spawn', 'cart.test.ts']],
  [['notes.txt']],
  [['none.test.ts']],
])('%j is a command', (args) => {
  expect(parse(...args)).toBeUndefined()
})

test('options of commands are refused for a test file, and so is what it has no options for', () => {
  expect(() => parse('--open-files', '9', 'cart.test.ts')).toThrow(
    '--open-files: it is for commands, and cart.test.ts is a test file',
  )
  const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    expect(() => parse('cart.test.ts', '--bail')).toThrow("unknown option '--bail'")
    expect(() => parse('cart.test.ts', 'other.test.ts')).toThrow('too many arguments')
  } finally {
    quiet.mockRestore()
  }
})
