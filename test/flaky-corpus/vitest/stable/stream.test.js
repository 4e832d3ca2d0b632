import { Readable } from 'node:stream'
import { expect, test } from 'vitest'

test('reads a stream to its end', async () => {
  const chunks = await Readable.from(['a', 'b', 'c']).toArray()
  expect(chunks.join('')).toBe('abc')
})
