import type { HostFacts } from '../host/facts.js'
import type { ProjectMode } from './flags.js'

/**
 * What becomes of writes to the project without --project. They stay, as a shell user expects, unless the "project" is the whole
 * machine, the home directory or a directory of temporary files, which a sandbox exists to protect. Pure.
 */
export function projectMode(
  project: string,
  { home, tmpdir }: Pick<HostFacts, 'home' | 'tmpdir'>,
): ProjectMode {
  if (project === '/') return 'readonly'
  const personal = [home, tmpdir, '/tmp', '/var/tmp']
  return personal.some((path) => path === project || path.startsWith(`${project}/`)) ? 'overlay' : 'direct'
}

/** What the user should know about it; a read-only file system says so itself. */
export function projectNotice(project: string, mode: ProjectMode): string | undefined {
  return mode === 'overlay'
    ? `${project} is not taken for a project: what is written to it is discarded (--project direct keeps it)`
    : undefined
}
