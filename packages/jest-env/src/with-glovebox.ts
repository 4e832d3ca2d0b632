import { join } from 'node:path'
import type { GloveboxOptions } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import { mergeDeep } from './merge.js'

/** As much of a Jest configuration as is needed here. */
export interface JestConfig {
  preset?: string | null | undefined
  runner?: unknown
  testEnvironment?: string | undefined
  testEnvironmentOptions?: Record<string, unknown> | undefined
  projects?: unknown
}

type Configuration = JestConfig | ((...input: never[]) => JestConfig | Promise<JestConfig>)

/**
 * A configuration with Glovebox in it, for those that have a preset already; what it says of anything else stays.
 *
 * ```js
 * module.exports = withGlovebox({ preset: 'ts-jest' }, { limits: { memory: '512MiB' } })
 * ```
 *
 * Takes what Jest takes: an object, or a function that returns one or a promise of one. Projects that are written into it are included;
 * those that it names by path have configurations of their own.
 */
export function withGlovebox<Config extends Configuration>(
  config: Config,
  options: GloveboxOptions = {},
): Config {
  if (typeof config !== 'function') return include(config, options) as Config
  const wrapped = async (...input: never[]): Promise<JestConfig> => include(await config(...input), options)
  return wrapped as unknown as Config
}

function include(config: JestConfig, options: GloveboxOptions): JestConfig {
  const { projects, testEnvironmentOptions } = config
  // Nothing but keys that were asked for: of what stays undefined, Jest has defaults.
  return {
    ...config,
    runner: join(__dirname, 'runner.js'),
    testEnvironmentOptions: {
      ...testEnvironmentOptions,
      glovebox: mergeDeep(testEnvironmentOptions?.glovebox, options),
    },
    ...(Array.isArray(projects) && {
      projects: projects.map((project) =>
        typeof project === 'object' && project !== null ? include(project as JestConfig, options) : project,
      ),
    }),
  }
}
