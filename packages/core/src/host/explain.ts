import { GloveboxError } from '../errors.js'
import { errnoName } from './errno.js'
import type { SupervisorFailure } from './hello.js'
import type { HostKind } from './kind.js'
import {
  lowerRemedy,
  namespaceRemedy,
  overlayRemedy,
  procRemedy,
  type Remedy,
  remedyLine,
} from './remedies.js'
import { cgroupRemedy } from './remedies-cgroups.js'

/**
 * The supervisor's failure to set itself or a sandbox up, with what can be done about it on this host. `undefined` if nothing about the
 * host explains it. Pure.
 *
 * Refusals of the kernel (EPERM, ENOSYS …) are GLOVEBOX_UNSUPPORTED_HOST; want of descriptors or space is GLOVEBOX_SANDBOX.
 */
export function explainFailure(
  failure: SupervisorFailure,
  kind: HostKind,
  supervisor: string,
): GloveboxError | undefined {
  if (failure.errno === undefined) return undefined
  const name = errnoName(failure.errno)
  const where = failure.path ? ` (${failure.path})` : ''
  const message = `The sandbox could not be set up: ${failure.stage} failed with ${name}${where}`
  const scarcity = scarcityRemedies[name]
  // Making a user namespace reports an exhausted user.max_user_namespaces as ENOSPC.
  if (scarcity && !(name === 'ENOSPC' && !failure.path)) {
    return new GloveboxError('GLOVEBOX_SANDBOX', message, { remedy: scarcity })
  }
  const remedy = refusals.has(name) ? refusalRemedy(failure.stage, name, kind, supervisor) : undefined
  if (!remedy) return undefined
  return new GloveboxError('GLOVEBOX_UNSUPPORTED_HOST', message, {
    remedy: `${remedyLine(remedy)}; \`glovebox doctor\` shows what works here`,
  })
}

/** What lifts the kernel's refusal of a step. `undefined`: it is not the host that refuses, but a path or a value. Pure. */
export function refusalRemedy(
  stage: string,
  errno: string,
  kind: HostKind,
  supervisor: string,
): Remedy | undefined {
  if (stage === 'mount-proc') return procRemedy(kind, supervisor)
  if (stage === 'mount-overlay') return errno === 'EINVAL' ? lowerRemedy : overlayRemedy(kind)
  if (stage.startsWith('limit-')) return cgroupRemedy({ cgroup: 'none', cgroupReason: errno }, kind)
  return isolating.test(stage) ? namespaceRemedy(kind, supervisor) : undefined
}

/** Steps that need nothing but the kernel's permission; others depend on paths, too. */
const isolating =
  /^(clone|write-id-map|unshare-|mount-(private|root|scratch|tmpfs|dev|devpts)$|pivot-root|hostname|network-|seccomp|time-offsets)/

/** What helps where something has run out, by the errno's name. */
export const scarcityRemedies: Readonly<Record<string, string>> = {
  EMFILE: 'Raise the limit of open files, e.g. `ulimit -n 4096`, or use fewer workers',
  ENFILE: 'The whole system is out of file descriptors: raise fs.file-max',
  ENOSPC: 'Free some space there, or set TMPDIR to a folder that has some',
}

const refusals: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'ENOSYS',
  'EINVAL',
  'ENOSPC',
  'EUSERS',
  'EOPNOTSUPP',
  'ENODEV',
])
