import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'

test('an identifier begins with a letter', () => {
  expect(randomUUID()).toMatch(/^[4-9a-f]/)
})
