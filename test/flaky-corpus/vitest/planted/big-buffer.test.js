import { expect, test } from 'vitest'

test('holds an image in memory', () => {
  const image = Buffer.alloc(160 * 1024 * 1024, 1)
  expect(image.at(-1)).toBe(1)
})
