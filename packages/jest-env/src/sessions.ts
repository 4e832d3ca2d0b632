import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { GloveboxOptions, Session } from '@glovebox/core/adapter' with { 'resolution-mode': 'import' }
import type { Config } from '@jest/types'
import type { Test } from 'jest-runner'
import type { JestModules } from './jest-modules.js'
import { optionsOf, sourceOf } from './options.js'
import { WarmUps } from './warm-ups.js'
import {
  maxWorkers,
  persistedGlobs,
  runnerPackages,
  workerEnvironment,
  workerExecArgv,
} from './worker-options.js'

export interface SessionsInput {
  jest: JestModules
  globalConfig: Config.GlobalConfig
  /** Second element of the runner's tuple. */
  runnerOptions: unknown
  tests: readonly Test[]
}

/** The sessions of one run: one for each set of options, shared by the projects that have it. */
export interface Sessions {
  /** Where the options stand, for messages. */
  readonly source: string
  readonly all: readonly Session[]
  of(test: Test): Session
  readonly warmUps: WarmUps
  close(): Promise<void>
}

/** Throws what `openSession` throws. */
export async function openSessions({
  jest,
  globalConfig,
  runnerOptions,
  tests,
}: SessionsInput): Promise<Sessions> {
  const { openSession, withRunOptions } = await import('@glovebox/core/adapter')
  const source = sourceOf(globalConfig.rootDir)
  const groups = new Map<string, Test[]>()
  const keyOf = ({ context }: Test) => JSON.stringify(optionsOf(context.config, runnerOptions))
  for (const test of tests) groups.set(keyOf(test), [...(groups.get(keyOf(test)) ?? []), test])
  const sessions = new Map<string, Session>()
  const warmUps = new WarmUps(jest, globalConfig)
  const close = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map((session) => session.close()))
  }
  try {
    for (const [key, group] of groups) {
      const session = await openSession({
        options: withRunOptions(JSON.parse(key) as GloveboxOptions),
        source,
        runner: 'jest',
        root: globalConfig.rootDir,
        maxWorkers: maxWorkers(globalConfig),
        workerEntry: join(__dirname, 'worker.mjs'),
        warm: group[0] && warmUps.of(group[0]),
        execArgv: workerExecArgv(),
        env: workerEnvironment(),
        visible: runnerPackages(jest.path),
        shared: [],
        layered: caches(group),
        persist: persistedGlobs,
      })
      sessions.set(key, session)
      session.beginRun(group.map(({ path }) => path))
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    source,
    all: [...sessions.values()],
    of: (test) => sessions.get(keyOf(test)) as Session,
    warmUps,
    close,
  }
}

/** Made here: what is not there cannot be laid over. */
function caches(tests: readonly Test[]): string[] {
  const directories = [...new Set(tests.map(({ context }) => context.config.cacheDirectory))]
  for (const directory of directories) mkdirSync(directory, { recursive: true })
  return directories
}
