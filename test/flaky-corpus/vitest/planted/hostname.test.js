import os from 'node:os'
import { expect, test } from 'vitest'

test('this is no build machine', () => {
  expect(os.hostname()).not.toMatch(/^ci-/)
})
