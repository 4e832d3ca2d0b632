import type { FileOptions } from '../config/options.js'
import type { Change, Dimension, Orders, Perturbation } from './perturbation.js'

export function arm(dimension: Dimension, id: string, label: string, change: Change): Perturbation {
  return { id, dimension, label, wave: 0, first: 2, change }
}

export function by(
  dimension: Dimension,
  id: string,
  label: string,
  options: FileOptions,
  { wave = 0, first = 2 }: { wave?: 0 | 1; first?: number } = {},
): Perturbation {
  return { id, dimension, label, wave, first, change: { options } }
}

export function within(
  dimension: Dimension,
  id: string,
  label: string,
  inside: Orders,
  limits: FileOptions['limits'] = {},
): Perturbation {
  // What occupies a port in the worker is no leak of the test.
  return arm(dimension, id, label, { inside, options: { limits, leaks: 'ignore' } })
}

export function environment(
  dimension: Dimension,
  id: string,
  label: string,
  set: Record<string, string>,
): Perturbation {
  return by(dimension, id, label, { env: { set } })
}

export function locale(name: string, label: string): Perturbation {
  const value = `${name}.UTF-8`
  return environment('locale', `locale=${name}`, label, { LANG: value, LC_ALL: value })
}
