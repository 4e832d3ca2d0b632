import { gammaln } from 'simple-statistics'
import { failureRate, type Interval, rateInterval, type Tally, trials } from '../verdict/rate.js'

export {
  failureRate,
  type Interval,
  rateInterval,
  type Tally,
  trials,
  undetectedRate,
} from '../verdict/rate.js'

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

/** Newcombe's interval of the difference of two failure rates, arm minus baseline, 95 %. */
export function differenceInterval(arm: Tally, baseline: Tally): Interval {
  const [p, q] = [failureRate(arm), failureRate(baseline)]
  const [a, b] = [rateInterval(arm), rateInterval(baseline)]
  return {
    low: p - q - Math.hypot(p - a.low, b.high - q),
    high: p - q + Math.hypot(a.high - p, q - b.low),
  }
}
