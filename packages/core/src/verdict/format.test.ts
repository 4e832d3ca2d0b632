import { expect, test } from 'vitest'
import { parseBytes, parseDuration } from '../config/units.js'
import { formatBytes, formatDuration } from './format.js'

test.each([
  [0, '0'],
  [1023, '1023'],
  [1024, '1KiB'],
  [1536, '1.5KiB'],
  [256 * 2 ** 20, '256MiB'],
  [2 ** 30, '1GiB'],
  [2 ** 30 + 1, '1.1GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [5, '5ms'],
  [999.5, '1000ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [300_000, '5m'],
  [7_200_000, '2h'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test('what is suggested can be written, and is no less than what was meant', () => {
  for (let value = 1; value < 2 ** 45; value = Math.ceil(value * 1.7)) {
    expect(parseBytes(formatBytes(value))).toBeGreaterThanOrEqual(value)
    expect(parseDuration(formatDuration(value))).toBeGreaterThanOrEqual(value)
  }
})
