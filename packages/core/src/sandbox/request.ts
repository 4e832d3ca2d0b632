import type { Confinement, Emulation, Limits, Mount, NetworkPolicy, Profile } from '../plan/profile.js'
import type { Entry } from './protocol.js'

/** What becomes of the fds 0–2 of a sandbox's process. */
export type Stdio = 'socket' | 'inherit' | 'null'

/** The records of a `create` request. The clock (`limit.timeout`) starts with the worker. */
export function createEntries(
  name: string,
  profile: Profile,
  options: {
    stdio: Stdio
    channel: boolean /** Whether those that can be set later are set now. */
    limits: 'now' | 'later'
  },
): Entry[] {
  const { limits } = profile
  return [
    ['sandbox', name],
    ['hostname', profile.hostname],
    ...networkEntries(profile.network),
    ['user', profile.user],
    ...confinementEntries(profile.confinement),
    ['stdio', options.stdio],
    ['channel', options.channel ? '1' : '0'],
    ...(profile.time
      ? [entry('time.monotonic', profile.time.monotonic), entry('time.boottime', profile.time.boottime)]
      : []),
    entry('scratch.size', limits.disk),
    ...profile.mounts.flatMap(mountEntries),
    ...(options.limits === 'now' ? allEntries(limits) : []),
    ...present({
      'rlimit.nofile': limits.openFiles,
      'rlimit.fsize': limits.fileSize,
      'rlimit.core': limits.coreSize,
      'rlimit.stack': limits.stackSize,
    }),
  ]
}

/** What is refused by default is not said. */
function confinementEntries({ nestedSandboxes, ioUring, capabilities }: Confinement): Entry[] {
  return [
    ...(nestedSandboxes ? [entry('permit.namespaces', 1)] : []),
    ...(ioUring ? [entry('permit.ioUring', 1)] : []),
    ...(capabilities === 'none' ? [entry('capabilities', 'none')] : []),
  ]
}

function networkEntries(network: NetworkPolicy): Entry[] {
  if (typeof network === 'string') return [['network', network]]
  return [
    ['network', 'policy'],
    ...network.forward.map(
      ({ port, host, hostPort }): Entry => ['network.forward', `${port} ${host} ${hostPort}`],
    ),
    ...network.allow.map(({ name, port }): Entry => ['network.allow', `${name} ${port}`]),
    ...(network.emulation ? emulationEntries(network.emulation) : []),
  ]
}

function emulationEntries({ latency, loss, bandwidth, dns }: Emulation): Entry[] {
  const records = present({
    latency,
    loss: loss === undefined ? undefined : Math.round(loss * 1e6),
    bandwidth,
    dns,
  })
  return records.map(([key, value]) => ['network.emulate', `${key} ${value}`])
}

export interface StartOptions {
  command: readonly string[]
  env: Readonly<Record<string, string>>
  cwd: string
  umask: number | undefined
  /** Fork this template, instead of executing the command; its arguments are what the worker sees as `process.argv`. */
  template?: string | undefined
}

/** The records of a `start` request. */
export function startEntries(name: string, options: StartOptions): Entry[] {
  return [
    ['sandbox', name],
    ...(options.template === undefined ? [] : [['template', options.template] as const]),
    ...options.command.map((arg): Entry => ['arg', arg]),
    ...Object.entries(options.env).map(([key, value]): Entry => ['env', `${key}=${value}`]),
    ['cwd', options.cwd],
    ...(options.umask === undefined ? [] : [['umask', octal(options.umask)] as const]),
  ]
}

/** The records of a `limits` request, which also starts the clock. */
export function limitEntries(name: string, limits: Limits): Entry[] {
  return [['sandbox', name], ...allEntries(limits)]
}

/**
 * Everything in a profile that is fixed once a sandbox is made and its worker runs. Two profiles with the same key can use
 * the same prepared sandbox; what differs are limits that a `limits` request sets.
 */
export function shapeKey(profile: Profile): string {
  const { heap, disk, openFiles, fileSize, coreSize, stackSize } = profile.limits
  const { network, hostname, mounts, env, cwd, umask, user, confinement, time } = profile
  return JSON.stringify([
    network,
    hostname,
    mounts,
    Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)),
    cwd,
    umask,
    user,
    confinement,
    time,
    heap,
    disk,
    openFiles,
    fileSize,
    coreSize,
    stackSize,
  ])
}

/** All that can be set while a sandbox lives. */
function allEntries(limits: Limits): Entry[] {
  const { cpus, cpuPeriod } = limits
  return [
    ...present({
      'limit.memory': limits.memory,
      'limit.swap': limits.memory === undefined ? undefined : limits.swap,
    }),
    ...present({
      'limit.cpu.quota': cpus === undefined ? undefined : Math.max(1000, Math.round(cpus * cpuPeriod)),
      'limit.cpu.period': cpus === undefined ? undefined : cpuPeriod,
      'limit.cpu.weight': limits.cpuWeight,
      'limit.cpuset': limits.cpuset,
      'limit.pids': limits.pids,
    }),
    ...limits.io.map((io): Entry => ['limit.io', ioRule(io)]),
    ...Object.entries(limits.hugetlb).map(([size, bytes]): Entry => ['limit.hugetlb', `${size}=${bytes}`]),
    ...present({ 'limit.timeout': limits.timeout }),
  ]
}

function ioRule(io: Limits['io'][number]): string {
  const caps = present({ rbps: io.readBps, wbps: io.writeBps, riops: io.readIops, wiops: io.writeIops })
  return [io.device, ...caps.map((cap) => cap.join('='))].join(' ')
}

function mountEntries(mount: Mount): Entry[] {
  const flag = (name: string, set: boolean | undefined): Entry[] => (set ? [[`mount.${name}`, '1']] : [])
  const head: Entry[] = [['mount', mount.type]]
  const target: Entry = ['mount.target', mount.target]
  switch (mount.type) {
    case 'bind':
      return [
        ...head,
        ['mount.source', mount.source],
        target,
        ...flag('readonly', mount.readonly),
        ...flag('optional', mount.optional),
      ]
    case 'overlay':
      return [...head, ['mount.source', mount.source], target]
    case 'scratch':
      return [...head, target, ['mount.mode', octal(mount.mode)], ...flag('optional', mount.optional)]
    case 'mask':
      return [...head, target, ...flag('optional', mount.optional)]
    case 'file':
      return [...head, target, ['mount.content', mount.content], ...flag('optional', mount.optional)]
    case 'proc':
    case 'dev':
    case 'cgroup':
      return [...head, target]
  }
}

function present(values: Readonly<Record<string, number | string | undefined>>): Entry[] {
  return Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [entry(key, value)]))
}

function entry(key: string, value: number | string): Entry {
  return [key, String(value)]
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
