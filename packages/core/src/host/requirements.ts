import { GloveboxError } from '../errors.js'
import { figuresOf } from '../plan/figures.js'
import type { Profile } from '../plan/profile.js'
import type { SupervisorHello } from './hello.js'
import type { HostKind } from './kind.js'
import { briefReason, reasonOf } from './reason.js'
import { remedyLine } from './remedies.js'
import { cgroupRemedy } from './remedies-cgroups.js'

/** A profile that the host can give, and what the user must be told about how it differs from the one that was asked for. */
export interface Agreement {
  profile: Profile
  /** One sentence each; empty when everything is as promised. */
  notices: readonly string[]
}

/**
 * Compares what a profile promises with what the supervisor found usable on this host. Pure.
 *
 * Memory and process limits survive without any cgroup, by sampling and RLIMIT_NPROC, which is noted. Any other limit
 * that has no controller is an error with a remedy (GLOVEBOX_UNSUPPORTED_HOST); with `onUnsupported: 'warn'` it is
 * dropped from the profile and a notice says so.
 */
export function checkHost(
  hello: SupervisorHello,
  profile: Profile,
  onUnsupported: 'error' | 'warn',
  kind: HostKind,
): Agreement {
  const missing = unsupportedLimits(hello, profile.limits)
  if (missing.length > 0 && onUnsupported === 'error') {
    const names = missing.map((limit) => `limits.${limit.key} (${limit.controller} controller)`)
    throw new GloveboxError(
      'GLOVEBOX_UNSUPPORTED_HOST',
      `This host cannot enforce ${list(names)}: ${why(hello, missing[0]?.controller)}`,
      {
        remedy: `${remedyLine(cgroupRemedy(hello, kind, missing[0]?.controller))}; or set onUnsupported: 'warn' to run without`,
      },
    )
  }
  return {
    profile: missing.length === 0 ? profile : without(profile, missing),
    notices: [
      ...sampledNotice(hello, profile.limits),
      ...layersNotice(hello, profile),
      ...missing.map(
        (limit) =>
          `limits.${limit.key} is not enforced: no ${limit.controller} controller (${why(hello, limit.controller)})`,
      ),
    ],
  }
}

type Limits = Profile['limits']

interface LimitRule {
  key: keyof Limits
  controller: string
  asked: (limits: Limits) => boolean
  /** The limits as if the key had not been configured. */
  dropped: Partial<Limits>
  /** Files in the sandbox that tell of it. */
  figures?: readonly string[]
  /** Enforced by other means when there is no cgroup at all. */
  sampled?: true
}

const rules: readonly LimitRule[] = [
  {
    key: 'memory',
    controller: 'memory',
    asked: (l) => l.memory !== undefined,
    dropped: { memory: undefined, heap: undefined },
    figures: figuresOf.memory,
    sampled: true,
  },
  {
    key: 'pids',
    controller: 'pids',
    asked: (l) => l.pids !== undefined,
    dropped: { pids: undefined },
    sampled: true,
  },
  {
    key: 'cpus',
    controller: 'cpu',
    asked: (l) => l.cpus !== undefined,
    dropped: { cpus: undefined },
    figures: figuresOf.cpus,
  },
  {
    key: 'cpuWeight',
    controller: 'cpu',
    asked: (l) => l.cpuWeight !== undefined,
    dropped: { cpuWeight: undefined },
  },
  {
    key: 'cpuset',
    controller: 'cpuset',
    asked: (l) => l.cpuset !== undefined,
    dropped: { cpuset: undefined },
    figures: figuresOf.cpus,
  },
  { key: 'io', controller: 'io', asked: (l) => l.io.length > 0, dropped: { io: [] } },
  {
    key: 'hugetlb',
    controller: 'hugetlb',
    asked: (l) => Object.keys(l.hugetlb).length > 0,
    dropped: { hugetlb: {} },
  },
]

function unsupportedLimits(hello: SupervisorHello, limits: Limits): readonly LimitRule[] {
  return rules.filter(
    (rule) =>
      rule.asked(limits) &&
      !hello.controllers.includes(rule.controller) &&
      !(rule.sampled && hello.cgroup === 'none'),
  )
}

/** Without those limits, and the files that tell of them. */
function without(profile: Profile, missing: readonly LimitRule[]): Profile {
  const limits: Limits = Object.assign({ ...profile.limits }, ...missing.map((rule) => rule.dropped))
  const untrue = missing.flatMap(({ figures }) => figures ?? [])
  return { ...profile, limits, mounts: profile.mounts.filter(({ target }) => !untrue.includes(target)) }
}

function sampledNotice(hello: SupervisorHello, limits: Limits): readonly string[] {
  if (hello.cgroup !== 'none') return []
  const sampled = rules
    .filter((rule) => rule.sampled && rule.asked(limits))
    .map((rule) => `limits.${rule.key}`)
  if (sampled.length === 0) return []
  return [
    `no cgroup can be used (${why(hello)}): ${list(sampled)} ${sampled.length > 1 ? 'are' : 'is'} enforced by sampling, ` +
      'swap is not capped, and throttling and io are not measured; `glovebox doctor` has the remedy',
  ]
}

function layersNotice({ layers }: SupervisorHello, { mounts }: Profile): readonly string[] {
  if (!mounts.some(({ type }) => type === 'overlay')) return []
  const tmpfs = 'this kernel cannot keep an overlay in memory (Linux 6.6 can)'
  if (layers === 'disk') {
    return [`${tmpfs}: what tests write to the project lies on disk, where limits.disk does not cap it`]
  }
  if (layers === 'limited') {
    return [
      `${tmpfs}, nor on the disk of the temporary directory: tests cannot remove or replace directories of the project (EIO); ` +
        'a TMPDIR on ext4, xfs or btrfs helps',
    ]
  }
  return []
}

function why({ cgroupReason, controllers }: SupervisorHello, controller?: string): string {
  if (cgroupReason) return controller ? reasonOf(cgroupReason, controller) : briefReason(cgroupReason)
  return `not among the usable controllers (${controllers.join(', ') || 'none'})`
}

function list(items: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(items)
}
