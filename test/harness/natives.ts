/** The native processes of one runner: main.c draws them. */
import { isFirstOfNamespace, parentOf } from './leftovers.js'

export interface Natives {
  /** What core has spawned. */
  relay: number
  keeper: number
  /** PID 1 of the namespace made for it. */
  supervisor: number
}

/** `undefined` unless all three are among these processes. */
export function nativesAmong(processes: readonly number[]): Natives | undefined {
  const supervisor = processes.find(isFirstOfNamespace)
  const keeper = supervisor && parentOf(supervisor)
  const relay = keeper && parentOf(keeper)
  return relay && processes.includes(keeper) && processes.includes(relay)
    ? { relay, keeper, supervisor }
    : undefined
}
