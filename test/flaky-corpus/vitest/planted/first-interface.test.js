import os from 'node:os'
import { expect, test } from 'vitest'

test('binds to the only address', () => {
  const addresses = Object.values(os.networkInterfaces()).flat()
  expect(addresses.every(({ internal }) => internal)).toBe(true)
})
