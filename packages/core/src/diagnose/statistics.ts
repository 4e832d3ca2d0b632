import { dhyper } from 'lib-r-math.js'
import { failureRate, type Interval, rateInterval, type Tally, trials } from '../verdict/rate.js'

export {
  failureRate,
  type Interval,
  rateInterval,
  type Tally,
  trials,
  undetectedRate,
} from '../verdict/rate.js'

/** Probabilities that are equal differ in the last digits; R's own `fisher.test` has the same factor. */
const sameProbability = 1 + 1e-7

/**
 * Fisher's exact test, two-sided: how probable it is, if both arms fail equally often, that the table is as improbable as this one or
 * more so. 1 if an arm has no trials. The hypergeometric probabilities are those of R's library.
 */
export function fisherExact(one: Tally, other: Tally): number {
  const [drawn, rest] = [trials(one), trials(other)]
  const failed = one.failed + other.failed
  const probabilityOf = (count: number) => dhyper(count, drawn, rest, failed)
  const bound = probabilityOf(one.failed) * sameProbability
  let sum = 0
  for (let count = Math.max(0, failed - rest); count <= Math.min(failed, drawn); count++) {
    const probability = probabilityOf(count)
    if (probability <= bound) sum += probability
  }
  return Math.min(1, sum)
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
