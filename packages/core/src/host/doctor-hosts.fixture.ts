/** Hosts that lack something, each with what the doctor has to find and to tell. */
import {
  EACCES,
  ENOSPC,
  EPERM,
  failureOf,
  type findingsOf,
  noCgroup,
  type SimulatedHost,
} from '../../../../test/cli/simulated-hosts.js'

export interface Case {
  host: string
  simulated: SimulatedHost
  /** Names of the rows that are missing. */
  missing: readonly string[]
  /** A row and what its remedy tells to type or do. */
  remedy: readonly [row: string, text: string]
}

const namespaces = ['user', 'pid', 'net', 'mount', 'uts', 'ipc', 'cgroup']
const controllers = ['memory', 'cpu', 'pids', 'io']
const nothingRan = ['glovebox-supervisor', ...namespaces, ...controllers, 'overlay', 'seccomp filter']
const masks = { maskedProc: ['/proc/kcore', '/proc/sys'] }

export const cases: readonly Case[] = [
  {
    host: 'Ubuntu 24.04 with AppArmor’s restriction',
    simulated: {
      kind: {
        distribution: 'ubuntu',
        like: ['ubuntu', 'debian'],
        sysctls: sysctls({ apparmorRestrictsUserns: 1 }),
      },
      refused: failureOf('uid-map', EPERM, '/proc/self/uid_map'),
    },
    missing: [...nothingRan, 'kernel.apparmor_restrict_unprivileged_userns'],
    remedy: ['glovebox-supervisor', 'sudo apparmor_parser -r /etc/apparmor.d/glovebox-supervisor'],
  },
  {
    host: 'GitHub Actions on ubuntu-24.04',
    simulated: {
      kind: { distribution: 'ubuntu', githubActions: true, sysctls: sysctls({ apparmorRestrictsUserns: 1 }) },
      refused: failureOf('mount-proc', EPERM),
    },
    missing: [...nothingRan, 'kernel.apparmor_restrict_unprivileged_userns'],
    remedy: ['glovebox-supervisor', 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
  },
  {
    host: 'Debian with unprivileged_userns_clone=0',
    simulated: {
      kind: { sysctls: sysctls({ unprivilegedUsernsClone: 0 }) },
      refused: failureOf('clone', EPERM),
    },
    missing: [...nothingRan, 'kernel.unprivileged_userns_clone'],
    remedy: ['kernel.unprivileged_userns_clone', 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  },
  {
    host: 'a host without user namespaces',
    simulated: { kind: { sysctls: sysctls({ maxUserNamespaces: 0 }) }, refused: failureOf('clone', ENOSPC) },
    missing: [...nothingRan, 'user.max_user_namespaces'],
    remedy: ['user.max_user_namespaces', 'sudo sysctl -w user.max_user_namespaces=15000'],
  },
  {
    host: 'Docker',
    simulated: {
      kind: { container: 'docker', root: true, seccompFiltered: true, systemd: false, systemdUser: false },
      refused: failureOf('clone', EPERM),
      findings: masks,
    },
    missing: [...nothingRan, '/proc'],
    remedy: ['glovebox-supervisor', '--security-opt systempaths=unconfined'],
  },
  {
    host: 'a job container of GitHub Actions',
    simulated: {
      kind: { container: 'docker', githubActions: true, root: true },
      refused: failureOf('clone', EPERM),
    },
    missing: nothingRan,
    remedy: ['glovebox-supervisor', "container: { options: '--security-opt seccomp=unconfined"],
  },
  {
    host: 'Kubernetes',
    simulated: {
      kind: { container: 'kubernetes' },
      refused: failureOf('mount-proc', EPERM),
      findings: masks,
    },
    missing: [...nothingRan, '/proc'],
    remedy: ['/proc', 'hostUsers: false, containers: [{ securityContext: { procMount: Unmasked'],
  },
  {
    host: 'a /proc that is partly hidden, outside of containers',
    simulated: { refused: failureOf('mount-proc', EPERM, '/proc'), findings: masks },
    missing: [...nothingRan, '/proc'],
    remedy: ['glovebox-supervisor', 'findmnt -R /proc'],
  },
  {
    host: 'a seccomp filter that forbids namespaces',
    simulated: { kind: { seccompFiltered: true }, refused: failureOf('clone', EPERM) },
    missing: nothingRan,
    remedy: ['glovebox-supervisor', 'A seccomp filter of whatever started this process'],
  },
  {
    host: 'Docker with read-only cgroups',
    simulated: {
      kind: { container: 'docker', root: true, systemdUser: false },
      hello: { ...noCgroup, cgroupReason: '/sys/fs/cgroup: Read-only file system' },
      findings: masks,
    },
    missing: controllers,
    remedy: ['memory', '--security-opt writable-cgroups=true'],
  },
  {
    host: 'a systemd user session, which gets neither io nor cpuset',
    simulated: { hello: { controllers: ['memory', 'cpu', 'pids'], cgroupReason: 'io: not delegated' } },
    missing: ['io'],
    remedy: ['io', 'Delegate=cpu cpuset io memory pids'],
  },
  {
    host: 'a login whose cgroup belongs to root',
    simulated: { hello: noCgroup },
    missing: controllers,
    remedy: ['memory', 'systemd-run --user --scope -p Delegate=yes'],
  },
  {
    host: 'a login without a user manager',
    simulated: { kind: { systemdUser: false }, hello: noCgroup },
    missing: controllers,
    remedy: ['memory', 'sudo loginctl enable-linger ada'],
  },
  {
    host: 'cgroup v1 without systemd',
    simulated: {
      kind: { systemd: false, systemdUser: false, cgroups: 'v1' },
      hello: noCgroup,
      findings: { controllers: controllers.map((name) => ({ name, version: 'v1' })) },
    },
    missing: controllers,
    remedy: ['memory', 'd=/sys/fs/cgroup/$h/ada'],
  },
  {
    host: 'a kernel without overlay',
    simulated: { broken: { overlay: failureOf('mount-overlay', EACCES) } },
    missing: ['overlay'],
    remedy: ['overlay', 'sudo modprobe overlay'],
  },
  {
    host: 'too few descriptors',
    simulated: { findings: { openFilesMax: 64 } },
    missing: ['open files'],
    remedy: ['open files', '--nofile=4096:4096'],
  },
  {
    host: 'a full temporary folder',
    simulated: { findings: { temp: { path: '/tmp', free: 0, error: 'ENOSPC' } } },
    missing: ['temporary folder'],
    remedy: ['temporary folder', 'export TMPDIR=/var/tmp'],
  },
  {
    host: 'an old kernel',
    simulated: { findings: { kernel: '5.10.0-28-amd64' } },
    missing: ['Linux'],
    remedy: ['Linux', '5.14 or later'],
  },
  {
    host: 'Vitest 3',
    simulated: { findings: { vitest: '3.2.4' } },
    missing: ['Vitest'],
    remedy: ['Vitest', 'npm install -D vitest@latest'],
  },
  {
    host: 'Node.js 18',
    simulated: { findings: { node: '18.20.4' } },
    missing: ['Node.js'],
    remedy: ['Node.js', 'sudo apt-get install -y nodejs'],
  },
]

export function sysctls(
  changes: Partial<ReturnType<typeof findingsOf>['kind']['sysctls']>,
): ReturnType<typeof findingsOf>['kind']['sysctls'] {
  return {
    apparmorRestrictsUserns: undefined,
    unprivilegedUsernsClone: undefined,
    maxUserNamespaces: 100000,
    ...changes,
  }
}
