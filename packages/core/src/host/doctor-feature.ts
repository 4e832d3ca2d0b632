import type { Row } from './doctor.js'
import { errnoName } from './errno.js'
import { refusalRemedy } from './explain.js'
import type { Feature, Findings } from './findings.js'
import type { SupervisorFailure } from './hello.js'
import type { HostKind } from './kind.js'
import { namespaceRemedy, overlayRemedy, type Remedy } from './remedies.js'

/** What the supervisor's own try of a feature says. */
export function featureRow(
  { supervisor, kind }: Findings,
  row: { area: Row['area']; name: string; feature: Feature; cost: string; promised: boolean },
): Row {
  const base = { area: row.area, name: row.name }
  const absent = row.promised ? 'missing' : 'note'
  if (supervisor.state !== 'ran') {
    return { ...base, status: absent, found: 'not tried: the supervisor did not start', cost: row.cost }
  }
  const finding = supervisor.features[row.feature]
  if (finding.works) return { ...base, status: 'ok', found: 'works' }
  return {
    ...base,
    status: absent,
    found: describeFailure(finding.failure),
    cost: row.cost,
    remedy: featureRemedy(row.feature, finding.failure, kind, supervisor.path),
  }
}

function featureRemedy(
  feature: Feature,
  failure: SupervisorFailure,
  kind: HostKind,
  supervisor: string,
): Remedy {
  if (feature === 'overlay') return overlayRemedy(kind)
  if (feature === 'seccomp') return { advice: 'The kernel needs CONFIG_SECCOMP_FILTER', commands: [] }
  if (feature === 'netem')
    return {
      advice: 'Load the network emulator of the kernel (CONFIG_NET_SCH_NETEM), if the network is to be slow',
      commands: ['sudo modprobe sch_netem'],
    }
  if (feature === 'time') return { advice: 'The kernel needs CONFIG_TIME_NS (Linux 5.6)', commands: [] }
  return remedyOf(failure, kind, supervisor)
}

export function remedyOf({ stage, errno }: SupervisorFailure, kind: HostKind, supervisor: string): Remedy {
  return (
    refusalRemedy(stage, errno ? errnoName(errno) : '', kind, supervisor) ?? namespaceRemedy(kind, supervisor)
  )
}

/** `mount-proc: EPERM on /proc`, in one line. */
export function describeFailure(failure: SupervisorFailure): string {
  const errno = failure.errno ? errnoName(failure.errno) : undefined
  const where = failure.path ? ` on ${failure.path}` : ''
  return errno ? `${failure.stage}: ${errno}${where}` : `${failure.stage}: ${failure.message}`
}
