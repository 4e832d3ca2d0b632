import { expect, test } from 'vitest'
import { heapLimit } from './heap.js'

const MiB = 2 ** 20
const GiB = 2 ** 30

test.each([
  [128, 64],
  [200, 120],
  [256, 176],
  [512, 432],
  [1024, 896],
  [2049, 1792],
])('with a cap of %d MiB V8 may have %d MiB', (memory, heap) => {
  expect(heapLimit(memory * MiB, 32 * GiB)).toBe(heap * MiB)
})

test('without a cap, and with one in which nothing can be set apart, V8 has its own limit', () => {
  expect(heapLimit(undefined, 32 * GiB)).toBeUndefined()
  expect(heapLimit(127 * MiB, 32 * GiB)).toBeUndefined()
})

test.each([
  ['4 GiB of a large host', 32, 5],
  ['2 GiB of a smaller one', 8, 3],
  ['half of the memory of a small one', 2, 1.9],
])('V8’s own limit is never raised: %s', (_, total, memory) => {
  expect(heapLimit(memory * GiB, total * GiB)).toBeUndefined()
})
