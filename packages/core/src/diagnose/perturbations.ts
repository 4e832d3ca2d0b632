import type { FileOptions } from '../config/options.js'
import { groupsOf } from './groups.js'
import type { Change, Dimension, Observation, Orders, Perturbation } from './perturbation.js'
import type { RunnerName } from './trial-types.js'

/** What the choice of perturbations depends on. */
export interface Circumstances {
  runner: RunnerName
  /** Environment of the runner. */
  env: Readonly<Record<string, string | undefined>>
  /** Text of the test file. */
  source: string
  seen: Observation
  /** Whether one test of the file was named. */
  named: boolean
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
    ...surroundings(circumstances),
    ...clocks(),
    ...sequences(circumstances),
  ]
}

/** Any perturbation by its id; `--under` may name one that is no part of every experiment. */
export function perturbationCalled(id: string, circumstances: Circumstances): Perturbation | undefined {
  const [, kind, seed] = /^(order|random)=seed:(\d+)$/.exec(id) ?? []
  if (kind === 'order') return orderBySeed(Number(seed))
  if (kind === 'random') return randomBySeed(Number(seed))
  const all = perturbationsFor(circumstances)
  return [baseline, ...all, ...groupsOf(all)].find((each) => each.id === id)
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
    label: `with Math.random seeded by ${seed}`,
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

function resources({ runner }: Circumstances): Perturbation[] {
  // Jest writes what it transformed to a layer that counts.
  const disk = runner === 'jest' ? '16MiB' : '2MiB'
  return [
    by('cpu', 'cpus=0.1', 'with 0.1 CPUs', { limits: { cpus: 0.1, timeout: '5m' } }, { first: 3 }),
    by('cpu', 'cpus=0.2', 'with 0.2 CPUs', { limits: { cpus: 0.2, timeout: '5m' } }, { wave: 1 }),
    by('cpu', 'cpus=0.5', 'with 0.5 CPUs', { limits: { cpus: 0.5, timeout: '2m' } }, { wave: 1 }),
    within('event-loop', 'event-loop=blocked', 'while the event loop is blocked for 80 of every 100 ms', {
      stall: { block: 80, pause: 20 },
    }),
    by('memory', 'memory=128MiB', 'with 128 MiB of memory', { limits: { memory: '128MiB' } }),
    by('pids', 'pids=24', 'with at most 24 processes and threads', { limits: { pids: 24 } }),
    by('open-files', 'open-files=96', 'with at most 96 open files', { limits: { openFiles: 96 } }),
    by('disk', `disk=${disk}`, `with ${disk} of disk`, { limits: { disk } }),
  ]
}

function surroundings({ env, seen, source }: Circumstances): Perturbation[] {
  const foreign = Object.keys(env).filter((name) => !essential.test(name))
  const used = foreign.filter((name) => source.includes(name))
  return [
    // One of them is what the file has anyway, and then one more arm without a change.
    by('network', 'network=none', 'without a network', { network: 'none' }),
    by('network', 'network=host', 'on the host’s network', { network: 'host' }),
    ...(seen.ports.length === 0
      ? []
      : [
          within('ports', 'ports=taken', `while port ${seen.ports.join(', ')} is taken`, {
            occupy: seen.ports,
          }),
        ]),
    by('hostname', 'hostname=other', 'on a machine called ci-runner-7f3a', { hostname: 'ci-runner-7f3a' }),
    environment('time-zone', 'tz=Pacific/Kiritimati', 'at UTC+14', { TZ: 'Pacific/Kiritimati' }),
    environment('time-zone', 'tz=America/St_Johns', 'at UTC−3:30', { TZ: 'America/St_Johns' }),
    locale('de_DE', 'with a German locale'),
    locale('tr_TR', 'with a Turkish locale'),
    ...(foreign.length === 0
      ? []
      : [
          by('environment', 'env=minimal', 'with a minimal environment', { env: { unset: foreign } }),
          ...used.map((name) =>
            by(
              'environment',
              `env-unset=${name}`,
              `without ${name}`,
              { env: { unset: [name] } },
              { wave: 1 },
            ),
          ),
        ]),
    env.CI === undefined
      ? environment('environment', 'env=ci', 'with CI=true', { CI: 'true' })
      : by('environment', 'env=no-ci', 'without CI', { env: { unset: ['CI'] } }),
    by('umask', 'umask=077', 'with umask 077', { umask: '077' }),
    ...(seen.leftovers.length === 0
      ? []
      : [
          within('leftovers', 'leftovers=own', 'with what an earlier run of it left behind', {
            restore: seen.leftovers,
          }),
        ]),
  ]
}

/** What runners and shells need, and what other perturbations change. */
const essential =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|PWD|OLDPWD|SHLVL|_|CI|LANG|LANGUAGE|LC_.*|TZ|TERM|COLORTERM|NO_COLOR|FORCE_.*|NODE.*|VITEST.*|JEST.*|TEST|DEV|PROD|MODE|BASE_URL|SSR|GLOVEBOX_.*|TINYPOOL_.*|npm_.*|INIT_CWD)$/

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

function sequences({ named }: Circumstances): Perturbation[] {
  return [
    {
      id: 'order=shuffled',
      dimension: 'order',
      label: 'with its tests in another order',
      wave: 0,
      first: 6,
      change: {},
      varies: 'order',
    },
    ...(named
      ? [
          {
            id: 'order=alone',
            dimension: 'order',
            label: 'without the other tests of the file',
            wave: 0,
            first: 2,
            change: { alone: true },
          } as const,
        ]
      : []),
    {
      id: 'random=seeded',
      dimension: 'randomness',
      label: 'with Math.random seeded, each time anew',
      wave: 0,
      first: 6,
      change: {},
      varies: 'randomness',
    },
  ]
}

function by(
  dimension: Dimension,
  id: string,
  label: string,
  options: FileOptions,
  { wave = 0, first = 2 }: { wave?: 0 | 1; first?: number } = {},
): Perturbation {
  return { id, dimension, label, wave, first, change: { options } }
}

function within(dimension: Dimension, id: string, label: string, inside: Orders): Perturbation {
  // What occupies a port in the worker is no leak of the test.
  return { id, dimension, label, wave: 0, first: 2, change: { inside, options: { leaks: 'ignore' } } }
}

function environment(
  dimension: Dimension,
  id: string,
  label: string,
  set: Record<string, string>,
): Perturbation {
  return by(dimension, id, label, { env: { set } })
}

function locale(name: string, label: string): Perturbation {
  const value = `${name}.UTF-8`
  return environment('locale', `locale=${name}`, label, { LANG: value, LC_ALL: value })
}

function date(name: string, label: string, to: string): Perturbation {
  return within('date', `date=${name}`, label, { date: { to } })
}
