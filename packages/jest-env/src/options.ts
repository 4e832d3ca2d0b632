import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '@jest/types'
import { mergeDeep } from './merge.js'

/**
 * The options of a project: those in `testEnvironmentOptions.glovebox` over those of the runner's tuple, which Jest knows from
 * 30.4.1 on.
 */
export function optionsOf(config: Config.ProjectConfig, runnerOptions: unknown): unknown {
  return mergeDeep(runnerOptions ?? {}, config.testEnvironmentOptions.glovebox)
}

/** The configuration without our options: environments would hand them to the test, or to jsdom. */
export function withoutOptions(config: Config.ProjectConfig): Config.ProjectConfig {
  const { glovebox: _, ...testEnvironmentOptions } = config.testEnvironmentOptions
  return { ...config, testEnvironmentOptions }
}

/** Where the options stand, for messages. Jest does not tell. */
export function sourceOf(rootDir: string): string {
  const names = ['js', 'ts', 'mjs', 'cjs', 'mts', 'cts', 'json'].map(
    (extension) => `jest.config.${extension}`,
  )
  return names.find((name) => existsSync(join(rootDir, name))) ?? 'the configuration of Jest'
}
