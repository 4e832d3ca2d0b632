import { cgroupRows } from './doctor-cgroups.js'
import { describeFailure, featureRow, remedyOf } from './doctor-feature.js'
import { softwareRows } from './doctor-software.js'
import type { Feature, Findings } from './findings.js'
import { namespaceRemedy, procRemedy, type Remedy } from './remedies.js'

/** One line of `glovebox doctor`. */
export interface Row {
  area:
    | 'host'
    | 'supervisor'
    | 'namespaces'
    | 'cgroups'
    | 'file systems'
    | 'network'
    | 'restrictions'
    | 'resources'
    | 'software'
  name: string
  /** `missing`: something promised is not there. `note`: optional, or had in another way. */
  status: 'ok' | 'missing' | 'note'
  /** What was found, in a few words. */
  found: string
  /** What its absence costs. */
  cost?: string
  remedy?: Remedy
}

/** The table of `glovebox doctor`. Pure. */
export function doctorRows(findings: Findings): readonly Row[] {
  return [
    ...hostRows(findings),
    supervisorRow(findings),
    ...namespaceRows(findings),
    ...cgroupRows(findings),
    ...fileSystemRows(findings),
    emulationRow(findings),
    ...restrictionRows(findings),
    ...softwareRows(findings),
  ]
}

/** Whether everything that Glovebox promises can be had here. */
export function isComplete(rows: readonly Row[]): boolean {
  return rows.every((row) => row.status !== 'missing')
}

/** What it is decides which remedies apply; nothing of it is good or bad. */
function hostRows({ kind }: Findings): readonly Row[] {
  const row = (name: string, found: string): Row => ({ area: 'host', name, status: 'ok', found })
  return [
    row('distribution', `${kind.distribution} ${kind.version}`.trim()),
    row('container', kind.githubActions ? `${kind.container}, in GitHub Actions` : kind.container),
    row('user', kind.root ? 'root' : kind.user),
    row(
      'systemd',
      kind.systemdUser ? 'with a user session' : kind.systemd ? 'without a user session' : 'none',
    ),
  ]
}

function supervisorRow({ supervisor, kind }: Findings): Row {
  const base = { area: 'supervisor', name: 'glovebox-supervisor' } as const
  switch (supervisor.state) {
    case 'ran':
      return {
        ...base,
        status: 'ok',
        found: `${supervisor.hello.version}, protocol ${supervisor.hello.protocol}`,
      }
    case 'refused':
      return {
        ...base,
        status: 'missing',
        found: describeFailure(supervisor.failure),
        cost: 'nothing can be sandboxed',
        remedy: remedyOf(supervisor.failure, kind, supervisor.path),
      }
    case 'unavailable': {
      const [found = '', ...advice] = supervisor.message.split('\n')
      const remedy: Remedy = { advice: advice.map((line) => line.trim()).join(' '), commands: [] }
      return {
        ...base,
        status: 'missing',
        found,
        cost: 'nothing can be sandboxed',
        ...(remedy.advice && { remedy }),
      }
    }
  }
}

const namespaces: readonly { feature: Feature; cost: string }[] = [
  { feature: 'user', cost: 'an ordinary user gets no sandbox at all; root keeps real privileges' },
  { feature: 'pid', cost: 'processes that a file leaves behind stay, and it sees those of others' },
  { feature: 'net', cost: 'files collide on ports and reach the network' },
  { feature: 'mount', cost: 'files share /tmp, $HOME and the project' },
  { feature: 'uts', cost: 'the hostname is shared' },
  { feature: 'ipc', cost: 'System V IPC and POSIX message queues are shared' },
  { feature: 'cgroup', cost: 'the sandbox sees the host’s cgroup paths' },
  { feature: 'time', cost: 'clocks cannot be offset (`time` in the configuration, --clock-offset)' },
]

function namespaceRows(findings: Findings): readonly Row[] {
  return namespaces.map(({ feature, cost }) =>
    featureRow(findings, { area: 'namespaces', name: feature, feature, cost, promised: feature !== 'time' }),
  )
}

function fileSystemRows(findings: Findings): readonly Row[] {
  return [
    featureRow(findings, {
      area: 'file systems',
      name: 'overlay',
      feature: 'overlay',
      cost: 'a file’s writes to the project cannot be kept apart',
      promised: true,
    }),
    procRow(findings),
  ]
}

/** What matters is whether a new procfs could be mounted; the supervisor needs one to start at all. */
function procRow({ maskedProc, supervisor, kind }: Findings): Row {
  const base = { area: 'file systems', name: '/proc' } as const
  const found =
    maskedProc.length === 0
      ? 'not hidden'
      : `partly hidden: ${maskedProc.slice(0, 3).join(', ')}${maskedProc.length > 3 ? ' …' : ''}`
  if (supervisor.state === 'ran' || maskedProc.length === 0) return { ...base, status: 'ok', found }
  return {
    ...base,
    status: 'missing',
    found,
    cost: 'the kernel refuses the sandbox a /proc of its own',
    remedy: procRemedy(kind, supervisor.state === 'refused' ? supervisor.path : 'glovebox-supervisor'),
  }
}

/** Either way of it is tested; who does not ask for a slow network needs none. */
function emulationRow(findings: Findings): Row {
  const row = featureRow(findings, {
    area: 'network',
    name: 'emulation',
    feature: 'netem',
    cost: 'latency, loss and bandwidth hold for connections that lead outside (forward, allow), not for those within a sandbox',
    promised: false,
  })
  if (row.status === 'ok') return { ...row, found: 'by the kernel (sch_netem)' }
  return findings.supervisor.state === 'ran'
    ? { ...row, found: `by the forwarder; sch_netem: ${row.found}` }
    : row
}

function restrictionRows(findings: Findings): readonly Row[] {
  const { sysctls, root } = findings.kind
  const rows = [
    featureRow(findings, {
      area: 'restrictions',
      name: 'seccomp filter',
      feature: 'seccomp',
      cost: 'administrative system calls stay available inside',
      promised: true,
    }),
    sysctlRow(
      findings,
      'kernel.apparmor_restrict_unprivileged_userns',
      sysctls.apparmorRestrictsUserns,
      (value) => value === 0 || root,
    ),
    sysctlRow(
      findings,
      'kernel.unprivileged_userns_clone',
      sysctls.unprivilegedUsernsClone,
      (value) => value === 1 || root,
    ),
    sysctlRow(findings, 'user.max_user_namespaces', sysctls.maxUserNamespaces, (value) => value > 0),
  ]
  if (root) rows.push(capabilitiesRow(findings))
  if (findings.kind.seccompFiltered) {
    const works = findings.supervisor.state === 'ran'
    rows.push({
      area: 'restrictions',
      name: 'inherited seccomp filter',
      status: 'note',
      found: works ? 'present, lets Glovebox work' : 'present',
    })
  }
  return rows
}

/** An ordinary user has none to keep. */
function capabilitiesRow({ foreign }: Findings): Row {
  const base = { area: 'restrictions', name: 'capabilities of root' } as const
  if (foreign === undefined) return { ...base, status: 'ok', found: 'all dropped in sandboxes' }
  return {
    ...base,
    status: 'note',
    found: `those for files are kept: ${foreign}`,
    cost: 'a test may give files away, and become another user, in its sandbox',
    remedy: {
      advice: "Give the project to root, or set capabilities: 'none' (--capabilities none)",
      commands: [],
    },
  }
}

/** A restriction that did not hinder the supervisor (a profile exempts it, say) is fine as it is. */
function sysctlRow(
  { supervisor, kind }: Findings,
  name: string,
  value: number | undefined,
  open: (value: number) => boolean,
): Row {
  const base = { area: 'restrictions', name } as const
  if (value === undefined) return { ...base, status: 'ok', found: 'this kernel has no such setting' }
  if (open(value)) return { ...base, status: 'ok', found: String(value) }
  if (supervisor.state === 'ran')
    return { ...base, status: 'ok', found: `${value}, but the supervisor is exempt` }
  return {
    ...base,
    status: 'missing',
    found: String(value),
    cost: 'user namespaces cannot be made, or have no capabilities',
    remedy: namespaceRemedy(kind, supervisor.state === 'refused' ? supervisor.path : 'glovebox-supervisor'),
  }
}
