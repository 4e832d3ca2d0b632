import { expect, test } from 'vitest'
import { jobsFor, jobsOf } from './diagnose-input.js'

test('as many trials run at once as there are CPUs and memory for, and at least one', () => {
  const gibibyte = 2 ** 30
  expect(jobsFor(8, 64 * gibibyte)).toBe(8)
  expect(jobsFor(8, gibibyte)).toBe(2)
  expect(jobsFor(1, 64 * gibibyte)).toBe(1)
  expect(jobsFor(8, gibibyte / 8)).toBe(1)
})

test('a number that is asked for counts', () => {
  expect(jobsOf('12')).toBe(12)
  for (const text of ['0', '257', 'many']) expect(() => jobsOf(text)).toThrow(`--jobs ${text}`)
})
