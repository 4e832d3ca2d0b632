import type { GloveboxOptions } from '@glovebox/core/adapter'
import type { PoolOptions, TestProject, Vitest } from 'vitest/node'
import { createPoolWorker, poolName } from './pool-worker.js'
import { sessionOf } from './session.js'

type ResolvedConfig = TestProject['config']

/** Vitest keeps this for itself, but it is where a pool that is not built in is looked up. */
interface WithPoolRunner {
  poolRunner?: { name: string; createPoolWorker(options: PoolOptions): unknown }
  /** Vitest 5: what the user wrote. */
  providedOptions?: { pool?: boolean }
}

/** What the `config` hook puts into the configuration: a name that Vitest keeps, unless the user or the command line has another. */
export const placeholderPool: { name: string; createPoolWorker(): never } = {
  name: poolName,
  createPoolWorker(): never {
    throw new Error('The glovebox plugin was not asked to configure this project.')
  },
}

/** Why files of a project are not sandboxed; `undefined` if they are. */
export function whyNotSandboxed({ config }: TestProject): string | undefined {
  if (config.browser.enabled) return 'they run in a browser'
  if (config.pool === poolName || !chosenByUser(config)) return undefined
  return `their pool is '${config.pool}', by your choice`
}

/** Without the hook's placeholder (projects that do not inherit it) there is only the default, which nobody chose. */
function chosenByUser(config: ResolvedConfig & WithPoolRunner): boolean {
  return config.providedOptions?.pool ?? true
}

/** Lets the files of a project run in workers of a session, once that is open. */
export async function sandboxProject(
  vitest: Vitest,
  project: TestProject,
  options: GloveboxOptions,
): Promise<void> {
  const { session, source, env } = sessionOf(vitest, project, options)
  const config: ResolvedConfig & WithPoolRunner = project.config
  await session
  config.pool = poolName
  // Otherwise Vitest hands all files to one worker when there is but one.
  config.isolate = true
  config.poolRunner = {
    name: poolName,
    createPoolWorker: (poolOptions) => createPoolWorker(poolOptions, { session, source, sessionEnv: env }),
  }
}
