import { type GloveboxOptions, standsAside, withRunOptions } from '@glovebox/core/adapter'
import type { Plugin } from 'vitest/config'
import { attach, hasAttached } from './attach.js'
import { refuseHidden } from './hidden.js'
import { coverInlineProjects } from './inline-projects.js'
import { placeholderPool } from './pool-choice.js'
import { sessionsOf } from './session.js'
import { type ProjectOptions, reachesNoProject, unreachedWarning } from './unreached-projects.js'
import { checkVersion, findVersion } from './versions.js'
import './meta.js'

export type { GloveboxOptions } from '@glovebox/core/adapter'

/**
 * Runs every test file in a sandbox of its own.
 *
 * ```ts
 * import { glovebox } from '@glovebox/vitest-plugin'
 * export default defineConfig({ plugins: [glovebox({ limits: { memory: '512MiB' } })] })
 * ```
 *
 * Throws, when Vitest starts: `GLOVEBOX_UNSUPPORTED_RUNNER` (Vitest other than 4.1 or 5.1), `GLOVEBOX_CONFIG` (a wrong
 * option), and, unless `onUnsupported` is `'warn'`, `GLOVEBOX_UNSUPPORTED_HOST`, `GLOVEBOX_UNSUPPORTED_PLATFORM` or
 * `GLOVEBOX_NO_SUPERVISOR`.
 */
export function glovebox(options: GloveboxOptions = {}): Plugin {
  const hidden = new Set<string>()
  const plugin: Plugin = {
    name: 'glovebox',
    config(config) {
      const version = findVersion(config.root ?? process.cwd())
      if (version !== undefined) checkVersion(version)
      const rootPool = config.test?.pool
      coverInlineProjects(config.test?.projects, {
        major: Number.parseInt(version ?? '5', 10),
        rootPool,
        plugin: () => glovebox(options),
      })
      return rootPool === undefined && !standsAside() ? { test: { pool: placeholderPool } } : undefined
    },
    load: {
      order: 'pre',
      handler: (id) => refuseHidden(id, [...hidden]),
    },
    configureServer: {
      order: 'post',
      handler({ config }) {
        const { test } = config as { test?: ProjectOptions }
        if (reachesNoProject(test, hasAttached())) config.logger.warn(unreachedWarning)
      },
    },
    async configureVitest({ vitest, project }) {
      checkVersion(vitest.version)
      if (standsAside()) return
      await attach(vitest, project, withRunOptions(options))
      for (const session of await sessionsOf(vitest)) for (const path of session.hidden) hidden.add(path)
    },
  }
  return plugin
}

export default glovebox
