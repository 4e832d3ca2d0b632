import { types } from 'node:util'

/** What structured clone takes as it is. Not `instanceof`: tests run in a realm of their own. */
const whole: readonly ((value: unknown) => boolean)[] = [
  types.isDate,
  types.isRegExp,
  types.isArrayBufferView,
  types.isAnyArrayBuffer,
  types.isBoxedPrimitive,
]

/** Deeper than any report shows; recursion must end before the stack does. */
const DEPTH = 200

/**
 * A copy that structured clone takes, circular where the original is: without functions and symbols, instances of classes as
 * plain objects, errors with all that they carry (a matcher's result, for example).
 */
export function toCloneable<T>(value: T): T {
  return copy(value, new Map(), 0) as T
}

function copy(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
  if (isUncloneable(value)) return undefined
  if (typeof value !== 'object' || value === null) return value
  if (whole.some((is) => is(value))) return value
  if (seen.has(value)) return seen.get(value)
  if (depth > DEPTH) return '[deeper]'
  const next = (inner: unknown): unknown => copy(inner, seen, depth + 1)
  if (types.isMap(value)) {
    const map = new Map()
    seen.set(value, map)
    for (const [key, inner] of value) map.set(next(key), next(inner))
    return map
  }
  if (types.isSet(value)) {
    const set = new Set()
    seen.set(value, set)
    for (const inner of value) set.add(next(inner))
    return set
  }
  const target: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {}
  seen.set(value, target)
  for (const key of keysOf(value)) {
    const inner = read(value, key)
    // Places in a list stay, keys go.
    if (Array.isArray(value) || !isUncloneable(inner)) define(target, key, next(inner))
  }
  return target
}

function isUncloneable(value: unknown): boolean {
  return typeof value === 'function' || typeof value === 'symbol'
}

/** Not by assignment: a key may be called `__proto__`. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function keysOf(value: object): string[] {
  const keys = Object.keys(value)
  return types.isNativeError(value) ? [...new Set(['name', 'message', 'stack', 'cause', ...keys])] : keys
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return undefined
  }
}
