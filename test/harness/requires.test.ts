import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Feature, requires, whyMissing } from './requires.js'

afterEach(() => vi.unstubAllEnvs())

test('a misspelt feature is an error that lists the known ones', () => {
  expect(() => whyMissing('cgroup3' as Feature)).toThrow(/unknown feature 'cgroup3'; known: root, .*cgroup1/)
})

test('a misspelt feature in GLOVEBOX_REQUIRE is an error, though nothing is missing', () => {
  vi.stubEnv('GLOVEBOX_REQUIRE', 'root,nod24')
  expect(() => requires('root')).toThrow(/GLOVEBOX_REQUIRE: unknown feature 'nod24'/)
})

describe('on a machine without cgroup v2 at /sys/fs/cgroup', () => {
  const available = requires('cgroup2')
  test('the test runs exactly where the feature is', () => expect(available).toBe(true))
})
