import { checkLayer, checkMerged } from '../config/constraints.js'
import type { Docblock } from '../config/docblock.js'
import { mergeOptions } from '../config/merge.js'
import type { ParsedFileOptions } from '../config/parsed-options.js'
import { configError, type Problem } from '../config/problems.js'
import { settings } from '../config/settings.js'
import { checkPlaces } from './checks.js'
import type { Surroundings } from './surroundings.js'

/** Options from one place: the top level, an override, a docblock. Later layers lie on top of earlier ones. */
export interface Layer {
  options: ParsedFileOptions
  /** For messages: the file that the options stand in. */
  source: string
  /** An option's key as it is found there: `overrides[0].limits.memory`, `line 3: @glovebox-memory`. */
  label: (key: string) => string
}

export function optionsLayer(options: ParsedFileOptions, source: string, prefix = ''): Layer {
  return { options, source, label: (key) => prefix + key }
}

export function docblockLayer({ options, lines }: Docblock, file: string): Layer {
  const label = (key: string) => {
    const name = settings.find((setting) => setting.path.join('.') === key)?.name ?? key
    return `line ${lines.get(name) ?? 1}: @glovebox-${name}`
  }
  return { options, source: file, label }
}

/** One set of options of all layers, deep. Throws GLOVEBOX_CONFIG for what is contradictory or beyond this host. */
export function mergeLayers(layers: readonly Layer[], around: Surroundings): ParsedFileOptions {
  const merged = mergeOptions(...layers.map((layer) => layer.options))
  const origin = (key: string) =>
    layers.findLast((layer) => holds(layer.options, key)) ?? (layers[0] as Layer)
  const found: [Layer, Problem][] = [
    ...layers.flatMap((layer) =>
      checkLayer(layer.options).map((problem): [Layer, Problem] => [layer, problem]),
    ),
    ...[...checkMerged(merged, around), ...checkPlaces(merged, around)].map((problem): [Layer, Problem] => [
      origin(problem.key),
      problem,
    ]),
  ]
  // One error speaks of one file: the others are found when that one is mended.
  const source = found[0]?.[0].source
  const problems = found
    .filter(([layer]) => layer.source === source)
    .map(([layer, problem]) => ({ ...problem, key: layer.label(problem.key) }))
  if (source !== undefined) throw configError(source, problems)
  return merged
}

function holds(options: ParsedFileOptions, key: string): boolean {
  const value = key
    .split('.')
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], options)
  return value !== undefined
}
