import { expect, test } from 'vitest'
import { price } from '../src/pricing.js'

test.each([
  [500, 390],
  [501, 590],
  [10_000, 990],
])('a parcel of %i g costs %i cents', (grams, cents) => {
  expect(price(grams)).toBe(cents)
})

test.each([0, -1, Number.NaN, 10_001])('a weight of %d g is refused', (grams) => {
  expect(() => price(grams)).toThrow(RangeError)
})
