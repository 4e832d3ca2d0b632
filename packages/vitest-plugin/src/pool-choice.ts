import type { GloveboxOptions } from '@glovebox/core/adapter'
import type { PoolOptions, PoolWorker, TestProject, Vitest } from 'vitest/node'
import { poolName } from './pool-name.js'
import { createPoolWorker } from './pool-worker.js'
import { sessionOf } from './session.js'

/** A custom pool as Vitest takes it. */
interface Pool {
  name: string
  createPoolWorker(options: PoolOptions): PoolWorker
}

/**
 * What the `config` hook puts into the configuration: a name that Vitest keeps unless the user or the command line
 * has another. Replaced as soon as the project is there.
 */
export const placeholderPool: Pool = {
  name: poolName,
  createPoolWorker() {
    throw new Error('The glovebox plugin was not asked to configure this project.')
  },
}

/** Projects that have the plugin, and whether their user wanted files to share workers. */
const configured = new WeakMap<TestProject, { sharing: boolean }>()

/** Why files of a project are not sandboxed; `undefined` if they are. */
export function whyNotSandboxed(project: TestProject): string | undefined {
  const { config } = project
  if (config.browser.enabled) return 'they run in a browser'
  if (!configured.has(project)) return 'the configuration of that project has no glovebox plugin'
  if (config.pool !== poolName) return `their pool is '${config.pool}', by your choice`
  return undefined
}

/** `isolate: false` has no effect: a sandbox is for one file. */
export function wantedSharing(project: TestProject): boolean {
  return configured.get(project)?.sharing === true
}

/** Lets the files of a project run in workers of a session, once that is open; unless its user chose another pool. */
export async function sandboxProject(
  vitest: Vitest,
  project: TestProject,
  options: GloveboxOptions,
): Promise<void> {
  configured.set(project, { sharing: !project.config.isolate })
  if (whyNotSandboxed(project) !== undefined) return
  // Vitest keeps this key for itself, but it is where a pool that is not built in is looked up.
  const config: TestProject['config'] & { poolRunner?: Pool } = project.config
  // Otherwise Vitest hands all files to one worker when there is but one.
  config.isolate = true
  // Merging reports runs nothing, perhaps on a host that could not.
  if (vitest.config.mergeReports !== undefined) return
  const { session, source, env } = sessionOf(vitest, project, options)
  config.poolRunner = {
    name: poolName,
    createPoolWorker: (poolOptions) => createPoolWorker(poolOptions, { session, source, sessionEnv: env }),
  }
  await session
}
