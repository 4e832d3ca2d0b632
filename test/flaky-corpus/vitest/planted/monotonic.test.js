import { expect, test } from 'vitest'

test('milliseconds since the start fit into 31 bits', () => {
  const [seconds] = process.hrtime()
  expect(seconds * 1000).toBeLessThan(2 ** 31)
})
