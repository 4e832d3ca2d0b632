import { max, median, min } from 'simple-statistics'

/**
 * Runs every variant once a round, so that a machine that grows slower or faster meanwhile does so for all; each round begins
 * with another one. Returns the samples of each variant by its name: `{ cpu, wall, memory }`, arrays with one number a round.
 */
export async function runRounds(variants, rounds, progress) {
  const samples = new Map(variants.map(({ name }) => [name, { cpu: [], wall: [], memory: [] }]))
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < variants.length; index++) {
      const variant = variants[(index + round) % variants.length]
      progress(`round ${round + 1}/${rounds}: ${variant.name}`)
      const measured = await variant.measure()
      for (const [key, values] of Object.entries(samples.get(variant.name))) {
        if (measured[key] !== undefined) values.push(measured[key])
      }
    }
  }
  return samples
}

/** Median, lowest and highest of one or more numbers; `undefined` of none. */
export function summarise(values) {
  if (values.length === 0) return undefined
  return { median: median(values), min: min(values), max: max(values) }
}

/** How many times the reference's value this is: the median over the rounds, each of which is compared within itself. */
export function ratio(values, reference) {
  if (values.length === 0 || values.length !== reference.length) return undefined
  return median(values.map((value, round) => value / reference[round]))
}
