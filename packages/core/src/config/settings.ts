import type { ParsedFileOptions } from './parsed-options.js'

/** A per-file option under the flat name that pragmas (`@glovebox-memory`) and flags (`--memory`) use. */
export interface Setting {
  name: string
  /** Where it stands in the options. */
  path: readonly [keyof ParsedFileOptions] | readonly [keyof ParsedFileOptions, string]
  /** May be given several times; each adds an element. */
  list?: true
}

export const settings: readonly Setting[] = [
  { name: 'memory', path: ['limits', 'memory'] },
  { name: 'swap', path: ['limits', 'swap'] },
  { name: 'cpus', path: ['limits', 'cpus'] },
  { name: 'cpu-period', path: ['limits', 'cpuPeriod'] },
  { name: 'cpu-weight', path: ['limits', 'cpuWeight'] },
  { name: 'cpuset', path: ['limits', 'cpuset'] },
  { name: 'pids', path: ['limits', 'pids'] },
  { name: 'timeout', path: ['limits', 'timeout'] },
  { name: 'disk', path: ['limits', 'disk'] },
  { name: 'open-files', path: ['limits', 'openFiles'] },
  { name: 'file-size', path: ['limits', 'fileSize'] },
  { name: 'core-size', path: ['limits', 'coreSize'] },
  { name: 'stack-size', path: ['limits', 'stackSize'] },
  { name: 'io', path: ['limits', 'io'], list: true },
  { name: 'hugetlb', path: ['limits', 'hugetlb'], list: true },
  { name: 'network', path: ['network'] },
  { name: 'forward', path: ['network', 'forward'], list: true },
  { name: 'allow', path: ['network', 'allow'], list: true },
  { name: 'on-blocked', path: ['network', 'onBlocked'] },
  { name: 'latency', path: ['network', 'latency'] },
  { name: 'loss', path: ['network', 'loss'] },
  { name: 'bandwidth', path: ['network', 'bandwidth'] },
  { name: 'dns', path: ['network', 'dns'] },
  { name: 'hostname', path: ['hostname'] },
  { name: 'project', path: ['filesystem', 'project'] },
  { name: 'persist', path: ['filesystem', 'persist'], list: true },
  { name: 'strict-writes', path: ['filesystem', 'strictWrites'] },
  { name: 'hide', path: ['filesystem', 'hide'], list: true },
  { name: 'writable', path: ['filesystem', 'writable'], list: true },
  { name: 'readonly', path: ['filesystem', 'readonly'], list: true },
  { name: 'root', path: ['root'] },
  { name: 'user', path: ['user'] },
  { name: 'env', path: ['env', 'base'] },
  { name: 'env-set', path: ['env', 'set'], list: true },
  { name: 'env-unset', path: ['env', 'unset'], list: true },
  { name: 'env-keep', path: ['env', 'keep'], list: true },
  { name: 'nested-sandboxes', path: ['nestedSandboxes'] },
  { name: 'io-uring', path: ['ioUring'] },
  { name: 'capabilities', path: ['capabilities'] },
  { name: 'umask', path: ['umask'] },
  { name: 'time-monotonic', path: ['time', 'monotonic'] },
  { name: 'time-boottime', path: ['time', 'boottime'] },
  { name: 'leaks', path: ['leaks'] },
]

export const settingNames: readonly string[] = settings.map((setting) => setting.name)

/**
 * Pragmas or flags to options as a user would write them (not validated). Of a setting that is no list the last value
 * counts. Names must be valid.
 */
export function settingsToOptions(
  entries: readonly { name: string; value: string }[],
): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const { name, value } of entries) {
    const setting = settings.find((candidate) => candidate.name === name)
    if (!setting) throw new TypeError(`no setting is called ${name}`)
    const [key, inner] = setting.path
    if (inner === undefined) {
      options[key] = value
      continue
    }
    // `network none` before `forward 5432`: the policy takes its place.
    const present = options[key]
    const holder = (typeof present === 'object' ? present : {}) as Record<string, unknown>
    const earlier = (holder[inner] ?? []) as string[]
    options[key] = { ...holder, [inner]: setting.list ? [...earlier, value] : value }
  }
  return options
}
