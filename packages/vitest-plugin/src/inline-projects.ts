import type { Plugin, TestProjectConfiguration, TestUserConfig } from 'vitest/config'
import { placeholderPool } from './pool-choice.js'

interface InlineProject {
  extends?: string | boolean
  plugins?: unknown[]
  test?: { pool?: TestUserConfig['pool'] }
}

/**
 * Projects that are written into the configuration do not all get what its plugins do, so they are given it here.
 * - What extends nothing (Vitest 4: by default) has none of the plugins: it gets this one.
 * - What shares the configuration's server (Vitest 5: by default) has the plugins, but options as they were before the
 *   `config` hooks: it gets the pool, unless the user chose one for the root. A plugin would give it a server of its own.
 */
export function coverInlineProjects(
  projects: TestProjectConfiguration[] | undefined,
  { major, rootPool, plugin }: { major: number; rootPool: unknown; plugin: () => Plugin },
): void {
  function cover(project: InlineProject): InlineProject {
    const inherits = project.extends === true || (project.extends === undefined && major >= 5)
    if (!inherits) return { ...project, plugins: [...(project.plugins ?? []), plugin()] }
    if (rootPool !== undefined) return project
    return { ...project, test: { ...project.test, pool: project.test?.pool ?? placeholderPool } }
  }
  projects?.forEach((project, index) => {
    if (typeof project === 'string') return
    // A function may stand there too, or a promise.
    const resolve = async (...input: never[]): Promise<InlineProject> =>
      cover(
        (await (typeof project === 'function'
          ? (project as (...input: never[]) => unknown)(...input)
          : project)) as InlineProject,
      )
    const isPlain = typeof project === 'object' && !('then' in project)
    projects[index] = (isPlain ? cover(project as InlineProject) : resolve) as TestProjectConfiguration
  })
}
