import { expect, test } from 'vitest'
import type { Profile } from '../plan/profile.js'
import { createEntries, limitEntries, shapeKey, startEntries } from './request.js'

/** Everything is set. */
const profile: Profile = {
  limits: {
    memory: 4096,
    heap: 2048,
    swap: 0,
    cpus: 0.5,
    cpuPeriod: 100_000,
    cpuWeight: 200,
    cpuset: '0-1',
    pids: 64,
    timeout: 30_000,
    disk: 1000,
    openFiles: 100,
    fileSize: 200,
    coreSize: 0,
    stackSize: 300,
    io: [{ device: '8:0', readBps: 1, writeIops: 2 }],
    hugetlb: { '2MB': 4_194_304 },
  },
  network: 'none',
  hostname: 'box',
  mounts: [
    { type: 'bind', source: '/', target: '/', readonly: true },
    { type: 'overlay', source: '/app', target: '/app' },
    { type: 'scratch', target: '/tmp', mode: 0o1777 },
    { type: 'mask', target: '/root/.ssh', optional: true },
    { type: 'file', target: '/etc/hosts', content: '127.0.0.1 localhost\n' },
    { type: 'proc', target: '/proc' },
    { type: 'dev', target: '/dev' },
    { type: 'cgroup', target: '/sys/fs/cgroup' },
  ],
  env: { PATH: '/bin' },
  cwd: '/app',
  umask: 0o22,
  user: 'caller',
  confinement: { nestedSandboxes: false, ioUring: false, capabilities: 'files' },
  time: { monotonic: 5, boottime: 6 },
  persist: ['/app/**/*.snap'],
  strictWrites: 'report',
  leaks: 'report',
}

test('create names everything that is fixed, and how long the process may run', () => {
  const entries = createEntries('s1', profile, { stdio: 'socket', channel: true, limits: 'now' })
  expect(entries).toEqual([
    ['sandbox', 's1'],
    ['hostname', 'box'],
    ['network', 'none'],
    ['user', 'caller'],
    ['stdio', 'socket'],
    ['channel', '1'],
    ['time.monotonic', '5'],
    ['time.boottime', '6'],
    ['scratch.size', '1000'],
    ['mount', 'bind'],
    ['mount.source', '/'],
    ['mount.target', '/'],
    ['mount.readonly', '1'],
    ['mount', 'overlay'],
    ['mount.source', '/app'],
    ['mount.target', '/app'],
    ['mount', 'scratch'],
    ['mount.target', '/tmp'],
    ['mount.mode', '1777'],
    ['mount', 'mask'],
    ['mount.target', '/root/.ssh'],
    ['mount.optional', '1'],
    ['mount', 'file'],
    ['mount.target', '/etc/hosts'],
    ['mount.content', '127.0.0.1 localhost\n'],
    ['mount', 'proc'],
    ['mount.target', '/proc'],
    ['mount', 'dev'],
    ['mount.target', '/dev'],
    ['mount', 'cgroup'],
    ['mount.target', '/sys/fs/cgroup'],
    ['limit.memory', '4096'],
    ['limit.swap', '0'],
    ['limit.cpu.quota', '50000'],
    ['limit.cpu.period', '100000'],
    ['limit.cpu.weight', '200'],
    ['limit.cpuset', '0-1'],
    ['limit.pids', '64'],
    ['limit.io', '8:0 rbps=1 wiops=2'],
    ['limit.hugetlb', '2MB=4194304'],
    ['limit.timeout', '30000'],
    ['rlimit.nofile', '100'],
    ['rlimit.fsize', '200'],
    ['rlimit.core', '0'],
    ['rlimit.stack', '300'],
  ])
})

test('a prepared sandbox is made without the limits that come later', () => {
  const keys = createEntries('s1', profile, { stdio: 'null', channel: false, limits: 'later' }).map(
    ([key]) => key,
  )
  expect(keys.filter((key) => key.startsWith('limit.'))).toEqual([])
  expect(keys).toContain('rlimit.nofile')
})

test('limits that are not set are not sent', () => {
  const limits = {
    ...profile.limits,
    memory: undefined,
    cpus: undefined,
    cpuWeight: undefined,
    cpuset: undefined,
    io: [],
    hugetlb: {},
  }
  expect(limitEntries('s1', limits)).toEqual([
    ['sandbox', 's1'],
    ['limit.pids', '64'],
    ['limit.timeout', '30000'],
  ])
})

test('the smallest share of a CPU is what the kernel accepts', () => {
  expect(limitEntries('s1', { ...profile.limits, cpus: 0.001 })).toContainEqual(['limit.cpu.quota', '1000'])
})

test('start carries command, environment, directory and mask', () => {
  const entries = startEntries('s1', {
    command: ['node', '-e', ''],
    env: { A: '1=2' },
    cwd: '/app',
    umask: 0o22,
  })
  expect(entries).toEqual([
    ['sandbox', 's1'],
    ['arg', 'node'],
    ['arg', '-e'],
    ['arg', ''],
    ['env', 'A=1=2'],
    ['cwd', '/app'],
    ['umask', '0022'],
  ])
})

test('profiles that differ in live limits share a shape', () => {
  const other = {
    ...profile,
    limits: { ...profile.limits, memory: 1, timeout: 1, pids: 1, cpus: 2, io: [] },
    persist: ['x'],
  }
  expect(shapeKey(other)).toBe(shapeKey(profile))
})

test('the order of variables is no part of the shape', () => {
  expect(shapeKey({ ...profile, env: { A: '1', B: '2' } })).toBe(
    shapeKey({ ...profile, env: { B: '2', A: '1' } }),
  )
})

test.each([
  ['hostname', { hostname: 'other' }],
  ['network', { network: 'host' as const }],
  ['environment', { env: { A: '3' } }],
  ['mounts', { mounts: [] }],
  ['working directory', { cwd: '/' }],
  ['umask', { umask: 0 }],
  ['user', { user: 'root' as const }],
  ['filter', { confinement: { ...profile.confinement, ioUring: true } }],
  ['clocks', { time: undefined }],
  ['disk', { limits: { ...profile.limits, disk: 1 } }],
  ['heap limit', { limits: { ...profile.limits, heap: 1 } }],
  ['open files', { limits: { ...profile.limits, openFiles: 1 } }],
])('another %s is another shape', (_, change) => {
  expect(shapeKey({ ...profile, ...change })).not.toBe(shapeKey(profile))
})

test('a network policy names what it lets through', () => {
  const network: Profile['network'] = {
    forward: [{ port: 15432, host: 'db', hostPort: 5432 }],
    allow: [{ name: '*.example.com', port: 443 }],
    onBlocked: 'report',
    emulation: { latency: 50, loss: 0.015, bandwidth: undefined, dns: 'fail' },
  }
  const entries = createEntries(
    's1',
    { ...profile, network },
    { stdio: 'null', channel: false, limits: 'now' },
  )
  expect(entries.filter(([key]) => key.startsWith('network'))).toEqual([
    ['network', 'policy'],
    ['network.forward', '15432 db 5432'],
    ['network.allow', '*.example.com 443'],
    ['network.emulate', 'latency 50'],
    ['network.emulate', 'loss 15000'],
    ['network.emulate', 'dns fail'],
  ])
  expect(shapeKey({ ...profile, network })).not.toBe(shapeKey(profile))
})
