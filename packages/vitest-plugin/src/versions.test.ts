import { expect, test } from 'vitest'
import { checkVersion, findVersion } from './versions.js'

test.each(['4.1.0', '4.1.12', '4.9.0', '5.1.1', '5.2.0-beta.1'])('Vitest %s is supported', (version) => {
  expect(() => checkVersion(version)).not.toThrow()
})

test.each([
  ['3.2.4', 'its pools cannot be replaced by a plugin'],
  ['4.0.18', 'its pools are not known'],
  ['5.0.0', 'its pools are not known'],
  ['6.0.0', 'its pools are not known'],
])('Vitest %s is not', (version, reason) => {
  expect(() => checkVersion(version)).toThrow(
    expect.objectContaining({
      code: 'GLOVEBOX_UNSUPPORTED_RUNNER',
      message: expect.stringContaining(`Vitest ${version} is not supported: ${reason}`),
      remedy: expect.stringContaining('npm install'),
      stack: expect.not.stringContaining('\n    at '),
    }),
  )
})

test('the version is that of the Vitest that the project has', () => {
  expect(findVersion(import.meta.dirname)).toMatch(/^4\.1\./)
  expect(findVersion('/')).toBeUndefined()
})
