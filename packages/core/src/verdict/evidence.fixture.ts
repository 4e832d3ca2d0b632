/** A file that ended by itself, which each test changes in the one respect that it is about. */
import type { Ending } from '../sandbox/ending.js'
import { classify, type Evidence } from './classify.js'

export const profile: Evidence['profile'] = {
  leaks: 'report',
  limits: { memory: 100, pids: 64, timeout: 5000, disk: 1000 },
}
const exited: Ending = {
  cause: { kind: 'exit' },
  code: 0,
  signal: undefined,
  hits: { memory: 0, pids: 0, disk: false },
  usage: { memoryPeak: 99, pidsPeak: 64, diskBytes: 900, wall: 5001 },
  leaks: [],
  blocked: [],
}
export type Change = Partial<Omit<Ending, 'hits'>> & { hits?: Partial<Ending['hits']> }

export function verdictOf(
  ending: Change,
  outcome: Evidence['outcome'],
  more: Partial<Evidence> = {},
): unknown {
  const hits = { ...exited.hits, ...ending.hits }
  return classify({ ending: { ...exited, ...ending, hits }, outcome, profile, ...more })
}

export const passed = { kind: 'passed-through' }
