/**
 * `performance` and `process.uptime()` count from the start of a process, which Node.js remembers where JavaScript cannot change it:
 * so what reads it is replaced. Entries that Node.js itself makes (http, gc, …) keep counting from the template's start.
 */
export function restartClocks(): void {
  const { now, mark, measure, toJSON } = performance
  const elapsed = now.call(performance)
  const origin = performance.timeOrigin + elapsed
  const own = (): number => now.call(performance) - elapsed
  replace(performance, {
    now: own,
    toJSON: () => ({ ...toJSON.call(performance), timeOrigin: origin }),
    mark: (name: string, options?: PerformanceMarkOptions) =>
      mark.call(performance, name, { ...options, startTime: options?.startTime ?? own() }),
    measure: (name: string, from?: string | PerformanceMeasureOptions, to?: string) =>
      Reflect.apply(measure, performance, [name, ...measured(from, to, own)]),
  })
  Object.defineProperty(performance, 'timeOrigin', { value: origin, enumerable: true, configurable: true })

  const { uptime } = process
  const started = uptime.call(process)
  replace(process, { uptime: () => uptime.call(process) - started })
}

/** A measure without an end ends now. */
function measured(
  from: string | PerformanceMeasureOptions | undefined,
  to: string | undefined,
  now: () => number,
): [string | PerformanceMeasureOptions, string?] {
  if (to !== undefined) return [from ?? '', to]
  const options = typeof from === 'object' ? from : { start: from ?? 0 }
  return options.end === undefined && options.duration === undefined
    ? [{ ...options, end: now() }]
    : [options]
}

function replace(target: object, methods: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true })
  }
}

interface PerformanceMarkOptions {
  detail?: unknown
  startTime?: number
}

interface PerformanceMeasureOptions {
  detail?: unknown
  start?: string | number
  end?: string | number
  duration?: number
}
