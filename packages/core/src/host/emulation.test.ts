import { expect, test } from 'vitest'
import type { Emulation, Profile } from '../plan/profile.js'
import { emulationNotices } from './emulation.js'

const nothing: Emulation = { latency: undefined, loss: undefined, bandwidth: undefined, dns: undefined }
const network = (emulation: Partial<Emulation>): Pick<Profile, 'network'> => ({
  network: { forward: [], allow: [], onBlocked: 'report', emulation: { ...nothing, ...emulation } },
})

function prober(answer: unknown): { probe: () => Promise<unknown>; asked: () => number } {
  let asked = 0
  return {
    probe: async () => {
      asked += 1
      return answer
    },
    asked: () => asked,
  }
}

test('a kernel that cannot slow the loopback is told of, and asked once', async () => {
  const lacking = prober(new Error('no such qdisc'))
  for (const emulation of [{ latency: 1 }, { loss: 0.1 }, { bandwidth: 1 }]) {
    expect(await emulationNotices(lacking, network(emulation))).toEqual([
      expect.stringContaining('sch_netem'),
    ])
  }
  expect(lacking.asked()).toBe(1)
})

test('where it can, or nobody wants it to, there is nothing to say', async () => {
  const able = prober(undefined)
  expect(await emulationNotices(able, network({ latency: 1 }))).toEqual([])
  const unasked = prober(new Error())
  expect(await emulationNotices(unasked, network({ dns: 'fail', loss: 0 }))).toEqual([])
  expect(await emulationNotices(unasked, { network: 'none' })).toEqual([])
  expect(unasked.asked()).toBe(0)
})
