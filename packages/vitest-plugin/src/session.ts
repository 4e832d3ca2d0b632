import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type GloveboxOptions, openSession, type Session } from '@glovebox/core/adapter'
import type { TestProject, Vitest } from 'vitest/node'
import { sharedDirectories } from './module-cache.js'
import { usualEnvironment, warmUp } from './templates.js'
import { clean } from './versions.js'
import {
  maxWorkers,
  persistedGlobs,
  runnerPackages,
  workerEnvironment,
  workerExecArgv,
} from './worker-options.js'

/** A session, and what it was opened with. */
export interface OpenSession {
  session: Promise<Session>
  /** Where the options stand, for messages. */
  source: string
  env: Readonly<Record<string, string | undefined>>
}

/** One session per Vitest and set of options: projects that extend the same configuration share it. */
const sessions = new WeakMap<Vitest, Map<string, OpenSession>>()

/** The session of a project; opened when the first one asks for it, closed with Vitest. */
export function sessionOf(vitest: Vitest, project: TestProject, options: GloveboxOptions): OpenSession {
  const known = sessions.get(vitest) ?? new Map<string, OpenSession>()
  sessions.set(vitest, known)
  const key = JSON.stringify(options)
  const opened = known.get(key) ?? open(vitest, project, options)
  if (!known.has(key)) {
    known.set(key, opened)
    vitest.onClose(async () => {
      known.delete(key)
      const session = await opened.session.catch(() => undefined)
      await session?.close()
    })
  }
  return opened
}

/** All sessions that were opened for this Vitest. */
export async function sessionsOf(vitest: Vitest): Promise<Session[]> {
  return await Promise.all([...(sessions.get(vitest)?.values() ?? [])].map(({ session }) => session))
}

/** Where the options of a project stand, for messages. */
export function sourceOf(project: TestProject): string {
  return basename(project.vite.config.configFile || 'vitest.config')
}

function open(vitest: Vitest, project: TestProject, options: GloveboxOptions): OpenSession {
  const source = sourceOf(project)
  const env = workerEnvironment(vitest)
  const session = openSession({
    options,
    source,
    runner: 'vitest',
    root: vitest.config.root,
    maxWorkers: maxWorkers(vitest),
    workerEntry: fileURLToPath(new URL('./worker.js', import.meta.url)),
    warm: warmUp(project, usualEnvironment(project)),
    execArgv: workerExecArgv(project, vitest.distPath),
    env,
    visible: runnerPackages(vitest.distPath),
    shared: sharedDirectories(vitest),
    persist: persistedGlobs(vitest),
  }).catch((error: Error) => {
    throw clean(error)
  })
  return { session, source, env }
}
