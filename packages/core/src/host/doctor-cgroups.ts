import type { Row } from './doctor.js'
import type { Findings } from './findings.js'
import { briefReason } from './reason.js'
import { cgroupRemedy } from './remedies-cgroups.js'

const controllers: readonly { name: string; cost: string; promised: boolean }[] = [
  { name: 'memory', cost: 'memory is sampled instead of capped; swap is not capped', promised: true },
  {
    name: 'cpu',
    cost: 'limits.cpus and cpuWeight cannot be enforced, nor throttling measured',
    promised: true,
  },
  { name: 'pids', cost: 'processes are counted by sampling; the cap is RLIMIT_NPROC', promised: true },
  { name: 'io', cost: 'limits.io cannot be enforced', promised: true },
  { name: 'cpuset', cost: 'limits.cpuset cannot be enforced', promised: false },
  { name: 'hugetlb', cost: 'limits.hugetlb cannot be enforced', promised: false },
]

/** A row for each controller; v1 has two more that v2 contains in others. */
export function cgroupRows(findings: Findings): readonly Row[] {
  const v1 = findings.kind.cgroups === 'v1'
  const extra = [
    { name: 'cpuacct', cost: 'cpu time is summed up from processes', promised: false },
    { name: 'freezer', cost: 'a sandbox cannot be paused', promised: false },
  ]
  const rows = [...controllers, ...(v1 ? extra : [])].map((controller) => controllerRow(findings, controller))
  return [...subtreeRow(findings), ...rows]
}

/** Where sandboxes get their cgroups, or why nowhere; what that costs is said of each controller. */
function subtreeRow({ supervisor }: Findings): readonly Row[] {
  if (supervisor.state !== 'ran') return []
  const { cgroup, cgroupPath, cgroupReason } = supervisor.hello
  const base = { area: 'cgroups', name: 'subtree' } as const
  return cgroup === 'none'
    ? [
        {
          ...base,
          status: 'note',
          found: `none (${cgroupReason ? briefReason(cgroupReason) : 'no reason given'})`,
        },
      ]
    : [{ ...base, status: 'ok', found: `${cgroupPath}${cgroupReason ? ` (${cgroupReason})` : ''}` }]
}

function controllerRow(
  findings: Findings,
  controller: { name: string; cost: string; promised: boolean },
): Row {
  const { name, cost, promised } = controller
  const { supervisor, kind } = findings
  const base = { area: 'cgroups', name } as const
  const absent = promised ? 'missing' : 'note'
  const kernel = findings.controllers.find((candidate) => candidate.name === name)
  if (!kernel) {
    const found = 'this kernel has none, or it is not mounted'
    const remedy = {
      advice: `Start a kernel with the ${name} controller, or mount its hierarchy`,
      commands: [],
    }
    return promised
      ? { ...base, status: absent, found, cost, remedy }
      : { ...base, status: absent, found, cost }
  }
  if (supervisor.state !== 'ran') {
    return {
      ...base,
      status: absent,
      found: `${kernel.version}; not tried: the supervisor did not start`,
      cost,
    }
  }
  const { hello } = supervisor
  if (hello.controllers.includes(name)) {
    return { ...base, status: 'ok', found: `${kernel.version}, ${kind.root ? 'writable' : 'delegated'}` }
  }
  return {
    ...base,
    status: absent,
    found: `${kernel.version}, not ${kind.root ? 'writable' : 'delegated'}`,
    cost,
    remedy: cgroupRemedy(hello, kind, hello.cgroup === 'none' ? undefined : name),
  }
}
