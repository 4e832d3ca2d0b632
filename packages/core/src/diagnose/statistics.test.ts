import { expect, test } from 'vitest'
import { differenceInterval, fisherExact, holm, rateInterval, undetectedRate } from './statistics.js'

const tally = (failed: number, trials: number) => ({ failed, passed: trials - failed })

test.each([
  // Computed with exact fractions.
  [tally(3, 4), tally(1, 4), 0.4857142857142857],
  [tally(10, 12), tally(1, 12), 0.0006441936042151414],
  [tally(18, 20), tally(0, 20), 3.351553382989278e-9],
  [tally(5, 5), tally(0, 10), 1 / 3003],
  [tally(2, 10), tally(2, 10), 1],
  [tally(0, 0), tally(3, 6), 1],
])('Fisher’s exact test of %j against %j', (one, other, p) => {
  expect(fisherExact(one, other) / p).toBeCloseTo(1, 12)
  expect(fisherExact(other, one)).toBeCloseTo(fisherExact(one, other), 10)
})

test('Fisher’s exact test agrees with exact fractions for all tables of up to 12 against up to 12', () => {
  let worst = 0
  for (let n = 1; n <= 12; n++)
    for (let m = 1; m <= 12; m++)
      for (let a = 0; a <= n; a++)
        for (let b = 0; b <= m; b++) {
          const p = fisherExact(tally(a, n), tally(b, m))
          worst = Math.max(worst, Math.abs(p / exactly(a, n, b, m) - 1))
        }
  expect(worst).toBeLessThan(1e-12)
})

/** By counting the ways in which the failures can fall on the two arms: all numbers are whole, and small enough to be exact. */
function exactly(a: number, n: number, b: number, m: number): number {
  const failed = a + b
  const ways = (count: number) => choose(n, count) * choose(m, failed - count)
  let sum = 0
  for (let count = 0; count <= failed; count++) if (ways(count) <= ways(a)) sum += ways(count)
  return sum / choose(n + m, failed)
}

function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k
}

test('Holm multiplies the smallest by their number, never falls, and keeps the order', () => {
  // R: p.adjust(c(0.04, 0.001, 0.03, 0.5), 'holm')
  expect(holm([0.04, 0.001, 0.03, 0.5])).toEqual([0.09, 0.004, 0.09, 0.5])
  expect(holm([])).toEqual([])
  expect(holm([0.9, 0.8])).toEqual([1, 1])
})

test('intervals are Wilson’s of a rate and Newcombe’s of a difference', () => {
  expect(rateInterval(tally(0, 10)).high).toBeCloseTo(0.2775, 3)
  for (let n = 1; n < 30; n++)
    expect([rateInterval(tally(0, n)).low, rateInterval(tally(n, n)).high]).toEqual([0, 1])
  expect(rateInterval(tally(56, 70)).low).toBeCloseTo(0.6918, 3)
  // Newcombe 1998, method 10: 56/70 − 48/80
  const { low, high } = differenceInterval(tally(56, 70), tally(48, 80))
  expect(low).toBeCloseTo(0.0524, 3)
  expect(high).toBeCloseTo(0.3339, 3)
})

test('what n passes leave open is the rule of three', () => {
  expect(undetectedRate(60)).toBeCloseTo(0.0487, 3)
  expect(undetectedRate(0)).toBe(1)
})
