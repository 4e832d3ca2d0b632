import type { Plugin, TestProjectConfiguration } from 'vitest/config'

/**
 * In Vitest 4 a project written into the configuration without `extends` gets none of its plugins, so the plugin is
 * put into it. In Vitest 5 such a project shares the configuration's server, and a plugin of its own would take that away.
 */
export function coverInlineProjects(
  projects: TestProjectConfiguration[] | undefined,
  version: string | undefined,
  create: () => Plugin,
): void {
  if (!version?.startsWith('4.')) return
  for (const project of projects ?? []) {
    if (typeof project !== 'object' || !('test' in project) || project.extends) continue
    project.plugins = [...(project.plugins ?? []), create()]
  }
}
