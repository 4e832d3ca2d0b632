import os from 'node:os'
import { expect, test } from 'vitest'

test('has an address that others can reach', () => {
  const addresses = Object.values(os.networkInterfaces()).flat()
  expect(addresses.some(({ internal }) => !internal)).toBe(true)
})
