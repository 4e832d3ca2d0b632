import type { GloveboxOptions } from '@glovebox/core/adapter'
import type { Plugin } from 'vitest/config'
import { attach } from './attach.js'
import { coverInlineProjects } from './inline-projects.js'
import { placeholderPool } from './pool-choice.js'
import { withRunOptions } from './run-options.js'
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
  const plugin: Plugin = {
    name: 'glovebox',
    config(config) {
      const version = findVersion(config.root ?? process.cwd())
      if (version !== undefined) checkVersion(version)
      coverInlineProjects(config.test?.projects, version, () => glovebox(options))
      return { test: { isolate: true, ...(config.test?.pool === undefined && { pool: placeholderPool }) } }
    },
    async configureVitest({ vitest, project }) {
      checkVersion(vitest.version)
      await attach(vitest, project, withRunOptions(options))
    },
  }
  return plugin
}

export default glovebox
