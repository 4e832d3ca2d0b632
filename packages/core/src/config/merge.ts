/**
 * Lays options over one another, later ones on top: objects merge key by key, lists add up, anything else is replaced.
 * `undefined` never replaces a value.
 */
export function mergeOptions<T extends object>(...layers: readonly T[]): T {
  return layers.reduce<Record<string, unknown>>(
    (merged, layer) => mergeTwo(merged, layer as Record<string, unknown>),
    {},
  ) as T
}

function mergeTwo(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) {
    if (value !== undefined) merged[key] = mergeValue(below[key], value)
  }
  return merged
}

function mergeValue(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above)) return [...below, ...above]
  if (isObject(below) && isObject(above)) return mergeTwo(below, above)
  return above
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
