/**
 * The clocks of a window that was made in a template. jsdom remembers, where nothing reaches it, what `performance.now()` was when it made a
 * window, and subtracts it from later ones; in a forked worker `performance.now()` begins at 0 again. So the window is made at 0.
 */
interface JsdomWindow {
  performance: object
  document: object
}

/** While `make` runs, no time passes. */
export async function atTimeZero<T>(make: () => Promise<T>): Promise<T> {
  Object.defineProperty(performance, 'now', { value: () => 0, configurable: true, writable: true })
  try {
    return await make()
  } finally {
    Reflect.deleteProperty(performance, 'now')
  }
}

/** In a forked worker: the window looks as if it had been made now. happy-dom remembers no time. */
export function restartWindow(): void {
  const { jsdom } = globalThis as { jsdom?: { window?: JsdomWindow } }
  if (!jsdom?.window) return
  const clock = implementationOf(jsdom.window.performance)
  if (typeof clock.timeOrigin === 'number') clock.timeOrigin = performance.timeOrigin
  const document = implementationOf(jsdom.window.document)
  if (typeof document._lastModified === 'string') document._lastModified = lastModified(new Date())
}

/** jsdom keeps what is behind an object of the DOM under a symbol of its own. */
function implementationOf(wrapper: object): { timeOrigin?: unknown; _lastModified?: unknown } {
  const symbol = Object.getOwnPropertySymbols(wrapper).find(({ description }) => description === 'impl')
  return (symbol && Reflect.get(wrapper, symbol)) ?? {}
}

/** As HTML wants it: local time, `MM/DD/YYYY hh:mm:ss`. Pure. */
export function lastModified(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = [two(date.getMonth() + 1), two(date.getDate()), date.getFullYear()].join('/')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}
