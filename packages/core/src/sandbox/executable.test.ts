import { expect, test } from 'vitest'
import { findSupervisor, launchCommands } from './executable.js'

test('another platform is told so in one sentence, with the way out', () => {
  expect(() => findSupervisor({}, 'darwin', 'arm64')).toThrow(
    expect.objectContaining({
      code: 'GLOVEBOX_UNSUPPORTED_PLATFORM',
      message: expect.stringMatching(/this is darwin\.\n.*onUnsupported: 'warn'/),
    }),
  )
})

test('an architecture without a supervisor is told what to build', () => {
  expect(() => findSupervisor({}, 'linux', 'riscv64')).toThrow(
    expect.objectContaining({
      code: 'GLOVEBOX_NO_SUPERVISOR',
      message: expect.stringMatching(/linux-riscv64.*\n.*build:native/),
    }),
  )
})

test('a variable that names no file is named', () => {
  expect(() => findSupervisor({ GLOVEBOX_SUPERVISOR: '/nowhere' }, 'linux', 'x64')).toThrow(
    /GLOVEBOX_SUPERVISOR.*\/nowhere/,
  )
})

test('a file that may not be executed is named', () => {
  expect(() => findSupervisor({ GLOVEBOX_SUPERVISOR: import.meta.filename }, 'linux', 'x64')).toThrow(
    /executable.test.ts cannot be executed: permission denied/,
  )
})

test('a program of another architecture is named before it is started', () => {
  expect(findSupervisor({ GLOVEBOX_SUPERVISOR: process.execPath }, 'linux', process.arch)).toBe(
    process.execPath,
  )
  const other = process.arch === 'x64' ? 'arm64' : 'x64'
  expect(() => findSupervisor({ GLOVEBOX_SUPERVISOR: process.execPath }, 'linux', other)).toThrow(
    `cannot be executed: it is not a program for ${other}`,
  )
})

const scoped = ['/bin/systemd-run', '--user', '--scope', '--quiet', '-p', 'Delegate=yes', '--', '/s']

test.each([
  ['root', { root: true, cgroupWritable: false, systemdRun: '/bin/systemd-run' }, [['/s']]],
  [
    'a user in a delegated cgroup',
    { root: false, cgroupWritable: true, systemdRun: '/bin/systemd-run' },
    [['/s']],
  ],
  [
    'a user in a cgroup of root',
    { root: false, cgroupWritable: false, systemdRun: '/bin/systemd-run' },
    [scoped, ['/s']],
  ],
  ['a user without systemd', { root: false, cgroupWritable: false, systemdRun: undefined }, [['/s']]],
  [
    'a user of cgroup v1',
    { root: false, cgroupWritable: undefined, systemdRun: '/bin/systemd-run' },
    [['/s']],
  ],
])('%s', (_, facts, commands) => {
  expect(launchCommands('/s', facts)).toEqual(commands)
})
