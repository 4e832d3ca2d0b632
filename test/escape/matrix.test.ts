/**
 * The escape matrix: every act is tried in the sandbox of an ordinary file, for root and an ordinary user, in forked and in fresh workers,
 * where it is refused; and outside, where it succeeds. Root's fresh workers have the capabilities for files, its forked ones none (session.mjs).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { groups } from './acts/all.mjs'
import { driven } from './driven.js'
import { type Host, openHost } from './targets.js'
import type { Act, Outcome } from './types.js'

const all = Object.values(groups).flat()

test('there are at least 160 acts, each with a name of its own', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  expect(all.length).toBeGreaterThanOrEqual(160)
})

describe.each<Role>(['root', 'user'])('as %s', (role) => {
  const ready = requires(role, 'cc')
  const acts = all.filter((act) => act.as === undefined || act.as === role)
  let host: Host
  let control: Map<string, string>
  beforeAll(async () => {
    if (!ready) return
    host = await openHost(role)
    control = new Map([
      ...(await outcomes(
        role,
        'none',
        host,
        acts.filter(({ controlledBy }) => controlledBy === undefined),
      )),
      ...(process.getuid?.() === 0
        ? await outcomes(
            'root',
            'none',
            host,
            acts.filter(({ controlledBy }) => controlledBy === 'root'),
          )
        : []),
    ])
  })
  afterAll(() => host?.[Symbol.asyncDispose]())

  describe.each(['fork', 'spawn'] as const)('in a worker that is begun by %s', (worker) => {
    let sandboxed: Map<string, string>
    beforeAll(async () => {
      if (ready) sandboxed = await outcomes(role, worker, host, acts)
    })

    for (const [group, members] of Object.entries(groups)) {
      describe(group, () => {
        for (const act of members.filter((each) => acts.includes(each)))
          test(`a test cannot ${act.name}`, ({ skip }) => {
            const outside = control.get(act.name)
            expect(sandboxed.get(act.name)).toMatch(act.refused)
            if (outside === undefined) skip('the control needs root')
            if (outside !== undefined && act.missing?.test(outside))
              skip(`this kernel does not have what the act needs: ${outside}`)
            // Of system calls with senseless arguments any answer of the kernel itself will do.
            if (group === 'syscalls') expect(outside).not.toMatch(act.refused)
            else expect(outside).toBe('ok')
          })
      })
    }
  })
})

/** Name → outcome. */
async function outcomes(
  role: Role,
  worker: 'fork' | 'spawn' | 'none',
  host: Host,
  acts: readonly Act[],
): Promise<Map<string, string>> {
  const only = acts.map(({ name }) => name)
  const result = await driven<{ outcomes: Outcome[] }>(role, 'driver.mjs', { worker, only }, host)
  expect(result, 'all acts were tried').toMatchObject({
    outcomes: expect.any(Array),
    verdict: { kind: 'passed-through' },
  })
  return new Map(result.outcomes.map(({ name, outcome }) => [name, outcome]))
}
