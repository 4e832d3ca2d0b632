// @ts-check
/** @import { Limits, Profile } from '@glovebox/core' */

const MiB = 2 ** 20

/**
 * A profile made by hand: what createSandbox does is tested here, not what options mean.
 * @param {Partial<Omit<Profile, 'limits'>> & { limits?: Partial<Limits> }} [changes]
 * @returns {Profile}
 */
export function profileWith({ limits = {}, ...changes } = {}) {
  return {
    limits: {
      memory: 256 * MiB,
      heap: undefined,
      swap: 0,
      cpus: undefined,
      cpuPeriod: 100_000,
      cpuWeight: undefined,
      cpuset: undefined,
      pids: 64,
      timeout: 60_000,
      disk: 64 * MiB,
      openFiles: undefined,
      fileSize: undefined,
      coreSize: 0,
      stackSize: undefined,
      io: [],
      hugetlb: {},
      ...limits,
    },
    network: 'none',
    hostname: 'box',
    mounts: [
      { type: 'bind', source: '/', target: '/', readonly: true },
      { type: 'scratch', target: '/tmp', mode: 0o1777 },
      { type: 'proc', target: '/proc' },
      { type: 'dev', target: '/dev' },
      { type: 'cgroup', target: '/sys/fs/cgroup' },
    ],
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    cwd: '/',
    strictWrites: 'report',
    umask: undefined,
    user: 'caller',
    confinement: { nestedSandboxes: false, ioUring: false, capabilities: 'files' },
    time: undefined,
    persist: [],
    leaks: 'report',
    ...changes,
  }
}
