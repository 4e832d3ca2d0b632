import type { Profile } from '@glovebox/core/adapter'
import type { TestProject } from 'vitest/node'

export function isInspected(project: TestProject): boolean {
  return project.config.inspector.enabled === true
}

/** A worker under a debugger listens on the host's network, and stands still for as long as its user thinks. */
export function underInspection(profile: Profile, project: TestProject): Profile {
  if (!isInspected(project)) return profile
  return { ...profile, network: 'host', limits: { ...profile.limits, timeout: undefined } }
}
