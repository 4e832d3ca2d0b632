import type { NetworkKind } from '../plan/network.js'
import type { Usage } from '../verdict/usage.js'
import { groupsOf } from './groups.js'
import { arm, by, within } from './making.js'
import { besideArm, neighbours, nodeArm } from './neighbours.js'
import { networkCalled, networks } from './networks.js'
import type { Change, Observation, Perturbation } from './perturbation.js'
import { byLimit, type LimitName, resources } from './resources.js'
import { surroundings } from './surroundings.js'
import type { RunnerName } from './trial-types.js'

/** What the choice of perturbations depends on. */
export interface Circumstances {
  runner: RunnerName
  /** Environment of the runner. */
  env: Readonly<Record<string, string | undefined>>
  /** Text of the test file. */
  source: string
  seen: Observation
  /** What the sandbox of the file gives it, and what it used when nothing held it back; absent where that is not known. */
  network?: NetworkKind | undefined
  usage?: Usage | undefined
  /** How many tests the file has; absent where that is not known. */
  tests?: number | undefined
  /** Whether one test of the file was named. */
  named: boolean
  /** Test files that may have run before it: absolute paths. */
  predecessors?: readonly string[]
  /** Test files that may run at the same time, relative to the runner's root. */
  beside?: readonly string[]
  /** Absolute paths of other Node.js binaries. */
  nodes?: readonly string[]
}

export const baseline: Perturbation = {
  id: 'baseline',
  dimension: 'null',
  label: 'without a change',
  wave: 0,
  first: 6,
  change: {},
}

/** Everything that is tried with a file, in the order in which it is reported. Pure. */
export function perturbationsFor(circumstances: Circumstances): Perturbation[] {
  return [
    { id: 'null', dimension: 'null', label: 'without a change, once more', wave: 0, first: 2, change: {} },
    ...resources(circumstances),
    ...networks(circumstances),
    ...surroundings(circumstances),
    ...clocks(),
    ...sequences(circumstances),
    ...neighbours(circumstances),
  ]
}

/** Any perturbation by its id; `--under` may name one that is no part of every experiment. */
export function perturbationCalled(id: string, circumstances: Circumstances): Perturbation | undefined {
  const [, kind, seed] = /^(order|random)=seed:(\d+)$/.exec(id) ?? []
  if (kind === 'order') return orderBySeed(Number(seed))
  if (kind === 'random') return randomBySeed(Number(seed))
  const [, limit, amount = ''] = /^(cpus|memory|pids|open-files|disk)=([\d.]+[A-Za-z]*)$/.exec(id) ?? []
  if (limit !== undefined) return byLimit(limit as LimitName, amount)
  const [, node] = /^node=(.+)$/.exec(id) ?? []
  if (node !== undefined) return nodeArm(node)
  const [, beside] = /^with=(.+)$/.exec(id) ?? []
  if (beside !== undefined) return besideArm(beside.split(','))
  const all = perturbationsFor(circumstances)
  return [baseline, ...all, ...groupsOf(all)].find((each) => each.id === id) ?? networkCalled(id)
}

export function orderBySeed(seed: number): Perturbation {
  return {
    id: `order=seed:${seed}`,
    dimension: 'order',
    label: `with its tests shuffled by seed ${seed}`,
    wave: 1,
    first: 8,
    change: { shuffle: seed },
  }
}

export function randomBySeed(seed: number): Perturbation {
  return {
    id: `random=seed:${seed}`,
    dimension: 'randomness',
    label: `with random numbers from seed ${seed}`,
    wave: 1,
    first: 8,
    change: { inside: { seed } },
  }
}

/** What a trial of the perturbation changes; `index` counts its trials from 0. */
export function changeOf({ change, varies }: Perturbation, index: number): Change {
  if (varies === 'order') return { ...change, shuffle: index + 1 }
  if (varies === 'randomness') return { ...change, inside: { seed: index + 1 } }
  return change
}

function clocks(): Perturbation[] {
  return [
    by('uptime', 'uptime=+1000h', 'on a machine that is up for 1000 hours more', {
      time: { monotonic: '1000h', boottime: '1000h' },
    }),
    date('month-end', 'on the 31st of a month', '2027-01-31T12:00:00'),
    date('leap-day', 'on 29 February', '2028-02-29T12:00:00'),
    date('new-year', 'half an hour before the new year', '2027-12-31T23:30:00'),
    date('far', 'in the year 2040', '2040-06-15T12:00:00'),
  ]
}

const shuffled: Perturbation = {
  ...arm('order', 'order=shuffled', 'with its tests in another order', {}),
  first: 6,
  varies: 'order',
}

function sequences({ named, tests }: Circumstances): Perturbation[] {
  return [
    // A single test has no other order.
    ...(tests === 1 ? [] : [shuffled]),
    ...(named ? [arm('order', 'order=alone', 'without the other tests of the file', { alone: true })] : []),
    {
      id: 'random=seeded',
      dimension: 'randomness',
      label: 'with random numbers from another seed each time',
      wave: 0,
      first: 6,
      change: {},
      varies: 'randomness',
    },
  ]
}

function date(name: string, label: string, to: string): Perturbation {
  return within('date', `date=${name}`, label, { date: { to } })
}
