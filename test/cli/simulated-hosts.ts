/** Hosts as the probe would have found them, for tables of what doctor and the remedies say there. */
import type { Feature, FeatureFinding, Findings } from '../../packages/core/src/host/findings.js'
import { features } from '../../packages/core/src/host/findings.js'
import type { SupervisorFailure, SupervisorHello } from '../../packages/core/src/host/hello.js'
import type { HostKind } from '../../packages/core/src/host/kind.js'

export const EPERM = 1
export const EACCES = 13
export const ENOENT = 2
export const ENOSPC = 28
export const supervisorPath = '/app/node_modules/@glovebox/core/prebuilds/linux-x64/glovebox-supervisor'

/** An ordinary user's Debian with systemd and cgroup v2, nothing restricted. */
export function kindOf(changes: Partial<HostKind> = {}): HostKind {
  return {
    distribution: 'debian',
    version: '12',
    like: ['debian'],
    container: 'none',
    githubActions: false,
    root: false,
    cgroups: 'v2',
    seccompFiltered: false,
    user: 'ada',
    systemd: true,
    systemdUser: true,
    sysctls: {
      apparmorRestrictsUserns: undefined,
      unprivilegedUsernsClone: undefined,
      maxUserNamespaces: 100000,
    },
    ...changes,
  }
}

export function helloOf(changes: Partial<SupervisorHello> = {}): SupervisorHello {
  return {
    protocol: 1,
    version: '0.1.0',
    cgroup: 'v2',
    controllers: ['memory', 'cpu', 'cpuset', 'pids', 'io', 'hugetlb'],
    cgroupPath: '/user.slice/glovebox.1',
    cgroupReason: undefined,
    uid: 1000,
    privileged: false,
    ...changes,
  }
}

/** What an ordinary user's supervisor says where no cgroup is writable. */
export const noCgroup: Partial<SupervisorHello> = {
  cgroup: 'none',
  controllers: [],
  cgroupPath: undefined,
  cgroupReason: '/sys/fs/cgroup/user.slice: EACCES',
}

export interface SimulatedHost {
  kind?: Partial<HostKind>
  hello?: Partial<SupervisorHello>
  /** The supervisor could not set itself up. */
  refused?: SupervisorFailure
  /** Features that do not work although it runs. */
  broken?: Partial<Record<Feature, SupervisorFailure>>
  findings?: Partial<Findings>
}

export function findingsOf({ kind, hello, refused, broken = {}, findings }: SimulatedHost = {}): Findings {
  const tried = features.map((feature): [Feature, FeatureFinding] => {
    const failure = broken[feature]
    return [feature, failure ? { works: false, failure } : { works: true }]
  })
  return {
    kind: kindOf(kind),
    kernel: '6.8.0-45-generic',
    supervisor: refused
      ? { state: 'refused', path: supervisorPath, failure: refused }
      : {
          state: 'ran',
          path: supervisorPath,
          hello: helloOf(hello),
          features: Object.fromEntries(tried) as Record<Feature, FeatureFinding>,
        },
    controllers: ['memory', 'cpu', 'cpuset', 'pids', 'io', 'hugetlb'].map((name) => ({
      name,
      version: 'v2',
    })),
    maskedProc: [],
    openFilesMax: 1048576,
    temp: { path: '/tmp', free: 2 ** 30, error: undefined },
    node: '20.20.2',
    vitest: '4.1.12',
    jest: undefined,
    ...findings,
  }
}

export function failureOf(stage: string, errno: number, path?: string): SupervisorFailure {
  return { stage, errno, path, message: `${stage} failed` }
}
