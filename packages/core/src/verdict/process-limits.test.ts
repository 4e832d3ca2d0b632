import { expect, test } from 'vitest'
import { processLimit } from './process-limits.js'

const outer = (limit: number, used: number, name = '/cg/pids.max') => ({ name, limit, used })

/** `counted`: by the file's own cgroup; `told`: by the worker or an error of the file. */
interface Case {
  counted?: number
  told?: number
  peak?: number
  limit?: number | undefined
  countsForks?: boolean
  outer?: ReturnType<typeof outer>[]
}

function verdictOf({ counted = 0, told = 0, peak, limit, countsForks, outer: outerPids }: Case) {
  return processLimit({
    ending: {
      cause: { kind: 'exit' },
      code: 1,
      signal: undefined,
      hits: { memory: 0, pids: counted, disk: false },
      usage: peak === undefined ? {} : { pidsPeak: peak },
      leaks: [],
      blocked: [],
    },
    profile: { leaks: 'report', limits: { memory: 100, pids: limit, timeout: 5000, disk: 1000 } },
    outcome: 'failed',
    forksRefused: told,
    ...(countsForks !== undefined && { countsForks }),
    ...(outerPids && { outerPids }),
  })
}

const byOwn = (refused: number) => expect.objectContaining({ kind: 'pids-limit', refused })
const byOuter = (which: ReturnType<typeof outer> | undefined) =>
  expect.objectContaining({ kind: 'outer-pids-limit', outer: which })
const full = outer(40, 40)
const roomy = outer(30_000, 900, 'RLIMIT_NPROC')

test.each<[string, Case, unknown]>([
  ['nothing was refused', { limit: 64, peak: 64, outer: [full] }, undefined],
  ['its own limit was reached', { counted: 3, limit: 64, peak: 64, outer: [full] }, byOwn(3)],
  ['nearly so, as samples count', { counted: 1, limit: 64, peak: 62, outer: [] }, byOwn(1)],
  [
    'counted, and far from its own limit',
    { counted: 3, limit: 512, peak: 2, outer: [roomy, full] },
    byOuter(full),
  ],
  [
    'counted, and the limit outside is not to be seen',
    { counted: 3, limit: 512, peak: 2 },
    byOuter(undefined),
  ],
  ['counted, by a kernel that knows no peak', { counted: 3, limit: 512, outer: [full] }, byOwn(3)],
  ['counted, without a limit of its own', { counted: 3, outer: [full] }, byOuter(full)],
  [
    'told, not counted: a full cgroup outside',
    { told: 1, limit: 512, peak: 9, outer: [full] },
    byOuter(full),
  ],
  [
    'told, not counted: the user has nearly all processes that it may have',
    { told: 1, limit: 512, peak: 9, outer: [outer(100, 97, 'RLIMIT_NPROC')] },
    byOuter(outer(100, 97, 'RLIMIT_NPROC')),
  ],
  [
    'told, not counted, and nothing outside is near: memory, as a rule',
    { told: 1, limit: 512, peak: 9, outer: [roomy] },
    undefined,
  ],
  [
    'told where nobody counts',
    { told: 2, limit: 64, peak: 12, countsForks: false, outer: [roomy] },
    byOwn(2),
  ],
  [
    'told where nobody counts, and a limit outside is nearer',
    { told: 2, limit: 64, peak: 12, countsForks: false, outer: [full] },
    byOuter(full),
  ],
  ['told, and there is no limit at all', { told: 2, countsForks: false }, undefined],
])('%s', (_, evidence, verdict) => {
  expect(verdictOf(evidence)).toEqual(verdict)
})
