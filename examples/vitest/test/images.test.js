import { expect, test } from 'vitest'
import { imageNames, keepImage, usedMemory } from '../src/images.js'

const photograph = Buffer.alloc(8 * 1024 * 1024, 'x')

test('five photographs of 8 MiB fit into memory', () => {
  for (let index = 1; index <= 5; index++) keepImage(`front-${index}`, photograph)
  expect(imageNames()).toHaveLength(5)
  expect(usedMemory()).toBe(5 * photograph.length)
})
