import type { Plugin } from 'vitest/config'

/** The resolved options as a plugin sees them; `resolvedProjects` is Vitest 5's. */
export interface ProjectOptions {
  projects?: unknown[] | undefined
  resolvedProjects?: { viteConfig: { plugins: readonly Pick<Plugin, 'name'>[] } }[] | undefined
}

export const unreachedWarning: string =
  'Glovebox: no test file is sandboxed. Projects with a configuration of their own do not get the plugins of this one: add glovebox() to theirs.'

/**
 * Whether the plugin stands only in a configuration whose projects all have their own, so that Vitest will never ask
 * it to configure one. `attached`: whether it did, which in Vitest 4 is before the configuration's server is told.
 */
export function reachesNoProject(options: ProjectOptions | undefined, attached: boolean): boolean {
  if (!options?.projects?.length) return false
  if (options.resolvedProjects === undefined) return !attached
  return !options.resolvedProjects.some(({ viteConfig }) =>
    viteConfig.plugins.some(({ name }) => name === 'glovebox'),
  )
}
