import { describe, expect, test } from 'vitest'
import { parseBytes, parseCount, parseDuration, parseNumber, parseUmask } from './units.js'

describe('bytes', () => {
  test.each([
    [0, 0],
    [1048576, 1048576],
    ['1048576', 1048576],
    ['256MiB', 256 * 2 ** 20],
    ['256 MiB', 256 * 2 ** 20],
    ['1.5GiB', 1.5 * 2 ** 30],
    ['512MB', 512e6],
    ['10kB', 10_000],
    ['1KiB', 1024],
    ['4G', 4 * 2 ** 30],
    ['4g', 4 * 2 ** 30],
    ['64k', 65536],
    ['1TiB', 2 ** 40],
    ['100b', 100],
    ['100 bytes', 100],
    ['0.3KiB', 307],
    ['-1MiB', -(2 ** 20)],
  ])('%j is %d', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  test.each([
    '',
    ' ',
    'MiB',
    '12 parsecs',
    '1,5GiB',
    '1e9',
    '0x10',
    '10XB',
    '1GiBs',
    '9999999999999TiB',
    1.5,
    Number.NaN,
  ])('%j is not a size', (text) => {
    expect(parseBytes(text)).toBeUndefined()
  })
})

describe('durations', () => {
  test.each([
    [1500, 1500],
    ['1500', 1500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['5 minutes', 300_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0s', 0],
    ['-1s', -1000],
  ])('%j is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  test.each(['', ' ', 'soon', '5 parsecs', '1m30s', 'x'.repeat(200), Number.POSITIVE_INFINITY])(
    '%j is not a duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})

test.each([
  [0.5, 0.5],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['2', 2],
  ['1e3', undefined],
  ['', undefined],
  ['two', undefined],
  [Number.NaN, undefined],
])('the number %j is %j', (text, number) => {
  expect(parseNumber(text)).toBe(number)
})

test.each([
  ['64', 64],
  [64, 64],
  ['6.4', undefined],
  [6.4, undefined],
])('the count %j is %j', (text, count) => {
  expect(parseCount(text)).toBe(count)
})

test.each([
  ['022', 0o022],
  ['0o077', 0o077],
  [0o027, 0o027],
  [0, 0],
  ['8', undefined],
  ['rwx', undefined],
  [0o1000, undefined],
  ['7777', undefined],
])('the mask %j is %j', (text, mask) => {
  expect(parseUmask(text)).toBe(mask)
})
