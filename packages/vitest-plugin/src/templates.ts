import { serialize } from 'node:v8'
import type { PoolOptions, TestProject } from 'vitest/node'
import { isInspected } from './inspector.js'
import type { WarmUp } from './warm.js'

/** Environments that Vitest itself brings; others are modules of the project, which are not loaded before a file asks for them. */
const builtin: readonly string[] = ['node', 'jsdom', 'happy-dom', 'edge-runtime']

type Environment = PoolOptions['environment']

const warmUps = new WeakMap<TestProject, Map<string, WarmUp>>()

/**
 * What the template of a file's worker is warmed with. Vitest sets up globals, stylesheets and more once a process, so it too
 * shares one only among files of one project and environment.
 */
export function warmUp(project: TestProject, { name, options }: Environment): WarmUp {
  const known = warmUps.get(project) ?? new Map<string, WarmUp>()
  warmUps.set(project, known)
  const key = JSON.stringify([name, options])
  const made = known.get(key) ?? {
    distPath: project.vitest.distPath,
    config: serialize(project.serializedConfig).toString('base64'),
    environment: { name, options },
    ahead: canBeSetUpAhead(name, options, project.serializedConfig),
  }
  known.set(key, made)
  return made
}

/** What of a project's configuration decides. */
interface EnvironmentConfig {
  environmentOptions?: Record<string, unknown>
  experimental: { viteModuleRunner: boolean; openTelemetry?: { enabled: boolean } | undefined }
}

/** Attributes and elements that let a document run code of its own. */
const code = /<script|\son[a-z]+\s*=|javascript:/i

/**
 * Whether setting an environment up does nothing but make a window: it is done outside of sandboxes, once for many files. Not where its
 * document loads or runs what it names, or where Vitest does more when it starts. Pure.
 */
export function canBeSetUpAhead(
  name: string,
  options: unknown,
  { environmentOptions, experimental }: EnvironmentConfig,
): boolean {
  if (experimental.viteModuleRunner === false || experimental.openTelemetry?.enabled) return false
  if (name !== 'jsdom') return name === 'node' || name === 'happy-dom'
  const { jsdom = {} } = (options ?? environmentOptions ?? {}) as {
    jsdom?: { resources?: unknown; html?: unknown }
  }
  return jsdom.resources === undefined && !code.test(String(jsdom.html ?? ''))
}

/** The environment that a project's files have unless they say otherwise. */
export function usualEnvironment({ config }: TestProject): Environment {
  return { name: config.environment, options: null }
}

/** V8's inspector has threads, which no fork takes along. */
export function needsFreshProcess(project: TestProject, { name }: Environment): boolean {
  return !builtin.includes(name) || isInspected(project)
}
