/** How often something was tried, and how that ended. */
export interface Tally {
  failed: number
  passed: number
}

export const trials = ({ failed, passed }: Tally): number => failed + passed

/** Share of trials that failed, 0–1; `NaN` without trials. */
export const failureRate = (tally: Tally): number => tally.failed / trials(tally)

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
  // At either end the sums leave a trace where there is to be nothing.
  const low = tally.failed === 0 ? 0 : centre - margin
  const high = tally.passed === 0 ? 1 : centre + margin
  return { low, high }
}

/** The highest failure rate that `n` trials without a failure leave open, 95 %. */
export function undetectedRate(n: number): number {
  return n === 0 ? 1 : 1 - 0.05 ** (1 / n)
}
