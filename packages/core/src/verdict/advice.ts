import type { Profile } from '../plan/profile.js'

/** What the errors of a file that failed show, as far as a sandbox may be the cause. */
export interface Symptoms {
  /** One of them was EXDEV. */
  crossDevice?: boolean
}

/** One sentence for each way in which a sandbox differs from the host and which the symptoms point to, with the remedy. Pure. */
export function adviceOn({ mounts }: Pick<Profile, 'mounts'>, { crossDevice }: Symptoms): string[] {
  const layered = mounts.some(({ type, target }) => type === 'overlay' && target !== '/')
  if (!crossDevice || !layered) return []
  return [
    'failed of EXDEV: a directory that the project had before cannot be renamed in an overlay; copy it instead, ' +
      "or let the file write to the project itself (`@glovebox-project direct`, filesystem: { project: 'direct' })",
  ]
}
