import type { Profile } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }

/** What a test may know of its sandbox: the global `glovebox`. */
export interface GloveboxFacts {
  readonly limits: Profile['limits']
  readonly network: Profile['network']
  readonly hostname: string
  /** What this process used so far. CPU time in microseconds, memory in bytes, wall clock in milliseconds. */
  usage(): { cpuUser: number; cpuSystem: number; memoryPeak: number; wall: number }
}

/** The plain part, as it is told to the worker. */
export type ToldFacts = Omit<GloveboxFacts, 'usage'>

const key: unique symbol = Symbol.for('glovebox.jest.facts') as never

/** The worker says that it is one of ours. The environment looks for that, to fail where it would run without a sandbox. */
export function announceFacts(facts: ToldFacts): void {
  const begun = performance.now()
  Object.defineProperty(globalThis, key, {
    configurable: true,
    value: {
      ...facts,
      usage: () => {
        const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
        return {
          cpuUser: userCPUTime,
          cpuSystem: systemCPUTime,
          memoryPeak: maxRSS * 1024,
          wall: Math.round(performance.now() - begun),
        }
      },
    } satisfies GloveboxFacts,
  })
}

/** `undefined` outside of a worker of ours. */
export function announcedFacts(): GloveboxFacts | undefined {
  return (globalThis as { [key]?: GloveboxFacts })[key]
}
