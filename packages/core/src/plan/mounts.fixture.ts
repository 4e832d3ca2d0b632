import type { HostFacts } from '../host/facts.js'
import { hostFacts, ordinary, pathTable } from './host.fixture.js'
import { type MountInput, type MountPlan, planMounts } from './mounts.js'

export interface Case extends Partial<Omit<MountInput, 'host' | 'lookup'>> {
  host?: Partial<HostFacts>
  /** In addition to the ordinary host's. */
  files?: string[]
}

export function plan({ host, files = [], ...input }: Case = {}): MountPlan {
  return planMounts({
    host: hostFacts(host),
    lookup: pathTable(...ordinary, '/app/', ...files),
    root: undefined,
    project: { path: '/app', mode: 'overlay' },
    visible: [],
    shared: [],
    layered: [],
    hide: [],
    writable: [],
    readonly: [],
    hostname: 'glovebox',
    network: 'none',
    ...input,
  })
}

/** One line a mount: `scratch /tmp`, `bind /a`, `bind /a (readonly)`. */
export function lines({ mounts }: MountPlan): string[] {
  return mounts.map(
    (mount) => `${mount.type} ${mount.target}${'readonly' in mount && mount.readonly ? ' (readonly)' : ''}`,
  )
}
