/** The public names. A change here is a change for users: CHANGELOG.md says so too. */
import { expect, test } from 'vitest'

test('@glovebox/core', async () => {
  expect(Object.keys(await import('@glovebox/core')).sort()).toMatchInlineSnapshot(`
    [
      "GloveboxError",
      "createSandbox",
      "errorCodes",
    ]
  `)
})

test('@glovebox/vitest-plugin', async () => {
  expect(Object.keys(await import('@glovebox/vitest-plugin')).sort()).toMatchInlineSnapshot(`
    [
      "default",
      "glovebox",
    ]
  `)
})

test('@glovebox/jest-env', async () => {
  expect(Object.keys(await import('@glovebox/jest-env')).sort()).toMatchInlineSnapshot(`
    [
      "NotSandboxedError",
      "default",
      "withGlovebox",
      "withGloveboxEnvironment",
    ]
  `)
})
