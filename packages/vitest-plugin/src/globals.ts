/** What stands in `globalThis`, by its keys. */
export type Globals = ReadonlyMap<PropertyKey, PropertyDescriptor>

export function globalsNow(): Globals {
  const keys = Reflect.ownKeys(globalThis)
  return new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key) ?? {}]))
}

/** The keys that were added, changed or taken away since. */
export function changedGlobals(before: Globals): PropertyKey[] {
  const now = globalsNow()
  return [...new Set([...before.keys(), ...now.keys()])].filter(
    (key) => !isSame(before.get(key), now.get(key)),
  )
}

/** Puts back what stood there under these keys; what cannot be configured stays. */
export function restoreGlobals(before: Globals, keys: readonly PropertyKey[]): void {
  for (const key of keys) {
    const descriptor = before.get(key)
    if (descriptor) Reflect.defineProperty(globalThis, key, descriptor)
    else Reflect.deleteProperty(globalThis, key)
  }
}

/** Node.js has getters for much of what it offers, which put the value in their place when they are asked: that is no change. */
function isSame(a: PropertyDescriptor | undefined, b: PropertyDescriptor | undefined): boolean {
  if (!a || !b) return a === b
  if (a.get && 'value' in b && b.value === a.get.call(globalThis)) return true
  const parts = ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'] as const
  return parts.every((part) => Object.is(a[part], b[part]))
}
