import { gammaln } from 'simple-statistics'

/** Trials of one arm of the experiment. */
export interface Tally {
  failed: number
  passed: number
}

export const trials = ({ failed, passed }: Tally): number => failed + passed

/** Share of trials that failed, 0–1; `NaN` without trials. */
export const failureRate = (tally: Tally): number => tally.failed / trials(tally)

/**
 * Fisher's exact test, two-sided: how probable it is, if both arms fail equally often, that the table is as improbable as this one or
 * more so. 1 if an arm has no trials.
 */
export function fisherExact(one: Tally, other: Tally): number {
  const total = trials(one) + trials(other)
  const failed = one.failed + other.failed
  const drawn = trials(one)
  const log = (count: number) => hypergeometric(count, total, failed, drawn)
  const observed = log(one.failed)
  let sum = 0
  for (let count = Math.max(0, drawn + failed - total); count <= Math.min(failed, drawn); count++) {
    // Tables that are equally probable differ in the last digits.
    if (log(count) <= observed + 1e-7) sum += Math.exp(log(count))
  }
  return Math.min(1, sum)
}

/** Logarithm of the probability of `count` failures among `drawn` of `total` trials, `failed` of which failed. */
function hypergeometric(count: number, total: number, failed: number, drawn: number): number {
  return choose(failed, count) + choose(total - failed, drawn - count) - choose(total, drawn)
}

function choose(n: number, k: number): number {
  return k === 0 || k === n ? 0 : gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
}

/** Holm's step-down correction of p-values for their number, in the order given. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 1) - (values[b] ?? 1))
  const adjusted = values.map(() => 1)
  let least = 0
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, (values[index] ?? 1) * (values.length - rank)))
    adjusted[index] = least
  })
  return adjusted
}

export interface Interval {
  low: number
  high: number
}

/** The 97.5 % quantile of the normal distribution. */
const z95 = 1.959963985

/** Wilson's score interval of a failure rate, 95 %. The whole range without trials. */
export function rateInterval(tally: Tally): Interval {
  const n = trials(tally)
  if (n === 0) return { low: 0, high: 1 }
  const p = failureRate(tally)
  const scale = 1 + z95 ** 2 / n
  const centre = (p + z95 ** 2 / (2 * n)) / scale
  const margin = (z95 / scale) * Math.sqrt((p * (1 - p)) / n + z95 ** 2 / (4 * n ** 2))
  return { low: Math.max(0, centre - margin), high: Math.min(1, centre + margin) }
}

/** Newcombe's interval of the difference of two failure rates, arm minus baseline, 95 %. */
export function differenceInterval(arm: Tally, baseline: Tally): Interval {
  const [p, q] = [failureRate(arm), failureRate(baseline)]
  const [a, b] = [rateInterval(arm), rateInterval(baseline)]
  return {
    low: p - q - Math.hypot(p - a.low, b.high - q),
    high: p - q + Math.hypot(a.high - p, q - b.low),
  }
}

/** The highest failure rate that `n` trials without a failure leave open, 95 %. */
export function undetectedRate(n: number): number {
  return n === 0 ? 1 : 1 - 0.05 ** (1 / n)
}
