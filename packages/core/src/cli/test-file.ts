import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { GloveboxError } from '../errors.js'

/** How `glovebox run` runs a test file; as typed. */
export interface TestFlags {
  runner?: 'vitest' | 'jest'
  under?: string
  testNamePattern?: string
  times?: string
}

/** A test file that is to be run, and how. */
export interface TestRun {
  file: string
  flags: TestFlags
}

const names = ['runner', 'under', 'testNamePattern', 'times'] as const

/** Options of `glovebox run` that make its word a test file; new ones at each call. */
export function testOptions(): Option[] {
  return [
    new Option(
      '--runner <name>',
      'vitest or jest: the word is a test file (default: the one that is installed)',
    ).choices(['vitest', 'jest']),
    new Option(
      '--under <change>',
      'run it as a trial of glovebox diagnose, with this change, e.g. cpus=0.2, tz=America/St_Johns',
    ),
    new Option('-t, --testNamePattern <pattern>', 'look at the tests only whose names match'),
    new Option('--times <number>', 'run it so often, until it fails (default: once)'),
  ]
}

/**
 * The test file that the words of `glovebox run` name; its options may follow it. `undefined` if they are a command: no option of test files
 * was typed, and it is no source file that could not be executed anyway. Throws GLOVEBOX_CONFIG for options of commands, and commander's
 * error for what is no option of test files.
 */
export function testRunOf(
  [file, ...rest]: readonly [string, ...string[]],
  flags: TestFlags,
  cwd: string,
): TestRun | undefined {
  const typed = Object.keys(flags)
  const asked = names.some((name) => typed.includes(name))
  // What is run with --worker is a script.
  if (!asked && (typed.includes('worker') || !isSource(resolve(cwd, file)))) return undefined
  const foreign = typed.find((name) => !names.some((each) => each === name))
  if (foreign !== undefined) {
    const flag = `--${foreign.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    throw new GloveboxError('GLOVEBOX_CONFIG', `${flag}: it is for commands, and ${file} is a test file`, {
      remedy:
        'What its sandbox is like stands in the configuration of its runner; --under changes one thing, e.g. --under memory=128MiB.',
    })
  }
  return { file, flags: { ...flags, ...parsed(rest) } }
}

function parsed(args: readonly string[]): TestFlags {
  const command = new Command('run').helpOption(false).exitOverride()
  for (const option of testOptions()) command.addOption(option)
  return command.parse(args, { from: 'user' }).opts<TestFlags>()
}

/** A source file that has no executable bit. */
function isSource(path: string): boolean {
  if (!/\.[cm]?[jt]sx?$/.test(path)) return false
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && (found.mode & 0o111) === 0
}
