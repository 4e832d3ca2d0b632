/**
 * The second half of the escape matrix: what uses up, kills, lingers or lies. Each act ends its own file and nothing else, with the right
 * verdict, in bounded time; outside nothing holds it back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leftoversLater, type Snapshot, snapshot } from '../harness/leftovers.js'
import { requires, whyMissing } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { endings } from './acts/endings.mjs'
import { driven, markerOf } from './driven.js'
import { type Host, openHost } from './targets.js'
import type { Ending, EndingOutcome } from './types.js'

const all = Object.values(endings).flat()
/** Done outside only with a PID namespace around it, or not at all. */
const contained = ({ apart }: Ending) => apart === true

describe.each<Role>(['root', 'user'])('as %s', (role) => {
  const ready = requires(role, 'cc')
  const capped = role === 'root' && (!whyMissing('cgroup1') || !whyMissing('cgroup2'))
  const usual = all.filter(({ byCgroup }) => capped || !byCgroup)
  let host: Host
  let control: Map<string, EndingOutcome>
  beforeAll(async () => {
    if (!ready) return
    host = await openHost(role)
    control = await carryOut(
      'none',
      usual.filter((act) => !contained(act)),
    )
  })
  afterAll(() => host?.[Symbol.asyncDispose]())

  async function carryOut(
    worker: 'fork' | 'spawn' | 'none',
    wanted: readonly Ending[],
  ): Promise<Map<string, EndingOutcome>> {
    const only = wanted.map(({ name }) => name)
    const outcomes = await driven<EndingOutcome[]>(role, 'endings-driver.mjs', { worker, only }, host)
    return new Map(outcomes.map((outcome) => [outcome.name, outcome]))
  }

  describe.each(['fork', 'spawn'] as const)('in a worker that is begun by %s', (worker) => {
    // What a file uses up is counted the same however its process began.
    const acts = worker === 'fork' ? usual : usual.filter((act) => !endings.exhaustion?.includes(act))
    let before: Snapshot
    let sandboxed: Map<string, EndingOutcome>
    beforeAll(async () => {
      if (!ready) return
      before = snapshot()
      sandboxed = await carryOut(worker, acts)
    })

    for (const [group, members] of Object.entries(endings)) {
      const tried = members.filter((each) => acts.includes(each))
      if (tried.length === 0) continue
      describe(group, () => {
        for (const act of tried)
          test(`a file that tries ${act.name} harms none but itself`, () => {
            const outcome = sandboxed.get(act.name)
            expect(act.verdict ?? ['passed-through'], JSON.stringify(outcome)).toContain(
              outcome?.verdict.kind,
            )
            if (outcome?.answer !== undefined) expect(outcome.answer).toMatch(act.answer ?? /^nothing/)
            // Nobody who did not finish has passed.
            else expect(outcome?.verdict.kind).not.toBe('passed-through')
            if (act.leaks) expect(JSON.stringify(outcome?.leaks)).toMatch(act.leaks)
            if (!contained(act)) expect(control.get(act.name)?.answer).toBe('ok')
          })
      })
    }

    test('nothing is left, and those outside are as they were', async () => {
      expect(() => process.kill(host.targets.bystander, 0)).not.toThrow()
      expect(await leftoversLater(before, markerOf(host))).toEqual([])
    })
  })
})
