export interface Stopper {
  signal: AbortSignal
  reason(): 'budget' | 'interrupted'
  /** Lets signals have their usual effect again. */
  end(): void
}

/** Ends trials when the time is up (milliseconds; absent: never), or at the first SIGINT or SIGTERM; the second has its usual effect. */
export function stopper(budget?: number): Stopper {
  const controller = new AbortController()
  let reason: 'budget' | 'interrupted' = 'budget'
  const clock = budget === undefined ? undefined : setTimeout(() => controller.abort(), budget)
  const interrupt = (): void => {
    reason = 'interrupted'
    controller.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt)
  return {
    signal: controller.signal,
    reason: () => reason,
    end: () => {
      clearTimeout(clock)
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt)
    },
  }
}
