import { expect, test } from 'vitest'
import { limitsOf } from '../../../../test/cli/endings.js'
import { helloOf, kindOf, noCgroup } from '../../../../test/cli/simulated-hosts.js'
import type { Limits, Profile } from '../plan/profile.js'
import { checkHost } from './requirements.js'

const kind = kindOf()

test('a host with every controller gives the profile as it is, without notices', () => {
  const profile = profileOf({
    memory: 2 ** 28,
    pids: 64,
    cpus: 0.5,
    cpuset: '0',
    io: [{ device: '8:0', readBps: 1 }],
  })
  expect(checkHost(helloOf(), profile, 'error', kind)).toEqual({ profile, notices: [] })
})

test('without any cgroup, memory and pids are sampled, and a notice says so', () => {
  const profile = profileOf({ memory: 2 ** 28, pids: 64 })
  const agreement = checkHost(helloOf(noCgroup), profile, 'error', kind)
  expect(agreement.profile).toBe(profile)
  expect(agreement.notices).toEqual([
    expect.stringMatching(/EACCES.*limits\.memory and limits\.pids are enforced by sampling/),
  ])
})

test('without any cgroup and without limits there is nothing to say', () => {
  expect(checkHost(helloOf(noCgroup), profileOf({}), 'error', kind).notices).toEqual([])
})

const unsupported: readonly [key: keyof Limits, limits: Partial<Limits>, gone: unknown][] = [
  ['cpus', { cpus: 0.5 }, undefined],
  ['cpuWeight', { cpuWeight: 50 }, undefined],
  ['cpuset', { cpuset: '0' }, undefined],
  ['io', { io: [{ device: '8:0', readBps: 1 }] }, []],
  ['hugetlb', { hugetlb: { '2MB': 2 ** 22 } }, {}],
]

test.each(unsupported)(
  'limits.%s without its controller is an error that names it and a remedy',
  (key, limits) => {
    expect(() => checkHost(helloOf(noCgroup), profileOf(limits), 'error', kind)).toThrow(
      expect.objectContaining({
        code: 'GLOVEBOX_UNSUPPORTED_HOST',
        message: expect.stringMatching(
          new RegExp(`limits\\.${key} .*EACCES[\\s\\S]*systemd-run --user[\\s\\S]*onUnsupported`),
        ),
      }),
    )
  },
)

test.each(unsupported)(
  'limits.%s is dropped with a notice when the user asked for warnings only',
  (key, limits, gone) => {
    const { profile, notices } = checkHost(helloOf(noCgroup), profileOf(limits), 'warn', kind)
    expect(profile.limits[key]).toEqual(gone)
    expect(notices).toEqual([expect.stringContaining(`limits.${key} is not enforced`)])
  },
)

test('a cgroup without the memory controller cannot sample, so the memory limit is an error', () => {
  const hello = helloOf({ controllers: ['cpu', 'pids'] })
  expect(() => checkHost(hello, profileOf({ memory: 2 ** 28 }), 'error', kind)).toThrow(/limits\.memory/)
})

test.each([
  ['disk', /limits\.disk does not cap/],
  ['limited', /cannot remove or replace directories/],
] as const)('overlays whose layers are "%s" come with a notice, other profiles do not', (layers, text) => {
  const overlay = { type: 'overlay', source: '/app', target: '/app' } as const
  const layered: Profile = { ...profileOf({}), mounts: [overlay] }
  const plain: Profile = { ...profileOf({}), mounts: [] }
  const noticesOf = (profile: Profile) => checkHost({ ...helloOf(), layers }, profile, 'error', kind).notices
  expect(noticesOf(layered)).toEqual([expect.stringMatching(text)])
  expect(noticesOf(plain)).toEqual([])
  expect(checkHost({ ...helloOf(), layers: 'memory' }, layered, 'error', kind).notices).toEqual([])
})

function profileOf(limits: Partial<Limits>): Profile {
  return {
    limits: limitsOf(limits),
    network: 'none',
    hostname: 'glovebox',
    mounts: [],
    env: {},
    cwd: '/',
    umask: undefined,
    user: 'caller',
    confinement: { nestedSandboxes: false, ioUring: false, capabilities: 'files' },
    time: undefined,
    persist: [],
    strictWrites: 'report',
    leaks: 'report',
  }
}
