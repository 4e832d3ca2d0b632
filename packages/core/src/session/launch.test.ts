import { expect, test } from 'vitest'
import type { Profile } from '../plan/profile.js'
import {
  bootstrap,
  forkedCommand,
  launchHeap,
  localeOf,
  sameLaunch,
  workerCommand,
  youngOf,
} from './launch.js'

const MiB = 2 ** 20
const profile = { limits: { heap: 100 * MiB }, env: {} } as unknown as Profile
const launch = { entry: '/entry.js', execArgv: ['--user'] }

test('V8’s limit is that of the profile', () => {
  expect(launchHeap(launch, profile)).toBe(100 * MiB)
})

test.each([
  '--max-old-space-size=64',
  '--max_old_space_size=64',
  '--max-old-space-size-percentage=10',
  '--max-heap-size=64',
  '--max-semi-space-size=64',
])('%s of the user wins, as a flag and in NODE_OPTIONS', (flag) => {
  expect(launchHeap({ ...launch, execArgv: [flag] }, profile)).toBeUndefined()
  expect(launchHeap(launch, { ...profile, env: { NODE_OPTIONS: `--no-warnings ${flag}` } })).toBeUndefined()
})

test('V8’s young generation is kept small for the whole run, or for files of their own on a Node.js that would let it grow', () => {
  const uncapped = { limits: {}, env: {} } as unknown as Profile
  expect(youngOf(launch, uncapped, profile, 20)).toBe('small')
  expect(youngOf(launch, profile, profile, 24)).toBe('small')
  expect(youngOf(launch, profile, uncapped, 24)).toBe('small')
  expect(youngOf(launch, profile, uncapped, 22)).toBeUndefined()
  expect(youngOf(launch, uncapped, uncapped, 26)).toBeUndefined()
  expect(sameLaunch(launch, { ...launch, young: 'small' })).toBe(false)
})

test('workers are told of it after their entry', () => {
  const flags = ['--max-old-space-size=100', '--max-semi-space-size=16']
  const { execPath } = process
  expect(workerCommand(launch, 100 * MiB)).toEqual([
    execPath,
    ...flags,
    '--user',
    bootstrap,
    '/entry.js',
    ...flags,
  ])
  expect(forkedCommand(launch, 100 * MiB)).toEqual([execPath, '/entry.js', ...flags])
  expect(workerCommand(launch)).toEqual([execPath, '--user', bootstrap, '/entry.js'])
  expect(forkedCommand(launch)).toEqual([execPath, '/entry.js'])
})

test.each([
  [{ LANG: 'a', LC_MESSAGES: 'b', LC_ALL: 'c' }, 'c'],
  [{ LANG: 'a', LC_MESSAGES: 'b' }, 'b'],
  [{ LANG: 'a', LC_ALL: '' }, ''],
  [{ LANG: 'a', TZ: 'UTC' }, 'a'],
  [{}, undefined],
])('the locale of %j is %j', (env, expected) => {
  expect(localeOf(env)).toBe(expected)
})
