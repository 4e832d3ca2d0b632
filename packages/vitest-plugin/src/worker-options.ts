import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { isatty } from 'node:tty'
import { fileURLToPath } from 'node:url'
import type { TestProject, Vitest } from 'vitest/node'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What Vitest would start its own workers with, for the workers that are prepared before the first file asks for one.
 * What a file then asks for (`PoolOptions`) wins; a difference costs only the preparation.
 */
export function workerEnvironment({ config }: Vitest): Environment {
  return {
    ...process.env,
    TEST: 'true',
    VITEST: 'true',
    NODE_ENV: process.env.NODE_ENV ?? 'test',
    VITEST_MODE: config.watch ? 'WATCH' : 'RUN',
    FORCE_TTY: isatty(1) ? 'true' : '',
    ...config.env,
  }
}

/** As `createPool` of Vitest puts them together; see `workerEnvironment`. */
export function workerExecArgv(project: TestProject, distPath: string): string[] {
  const { isProduction, ssr } = project.vite.config
  const conditions = new Set(
    (ssr.resolve?.conditions ?? [])
      .map((name) =>
        name === 'development|production' ? (isProduction ? 'production' : 'development') : name,
      )
      .filter((name) => name !== (isProduction ? 'development' : 'production')),
  )
  return [
    ...process.execArgv.filter((flag) => /^--(cpu-prof|heap-prof|diagnostic-dir)/.test(flag)),
    '--experimental-import-meta-resolve',
    '--require',
    resolve(distPath, '../suppress-warnings.cjs'),
    ...[...conditions].flatMap((name) => ['--conditions', name]),
    ...project.config.execArgv,
  ]
}

/** Variables that `wanted` has otherwise than `base`; `undefined` for those that it lacks. */
export function environmentDifference(
  base: Environment,
  wanted: Environment,
): Record<string, string | undefined> {
  const names = new Set([...Object.keys(base), ...Object.keys(wanted)])
  return Object.fromEntries(
    [...names].filter((name) => base[name] !== wanted[name]).map((name) => [name, wanted[name]]),
  )
}

/**
 * What the configuration and `globalSetup` tell a file, as variables: its environment, and texts that were `provide`d, by their names
 * (`databaseUrl` as DATABASE_URL).
 */
export function mentioned(environment: Environment, provided: object): Environment {
  const texts = Object.entries(provided).flatMap(([name, value]) =>
    typeof value === 'string'
      ? [[name.replace(/([a-z\d])([A-Z])/g, '$1_$2').toUpperCase(), value] as const]
      : [],
  )
  return { ...Object.fromEntries(texts), ...environment }
}

/** The most workers that any project may have at once. */
export function maxWorkers({ config, projects }: Vitest): number {
  const cpus = availableParallelism()
  const fallback = Math.max(config.watch ? Math.floor(cpus / 2) : cpus - 1, 1)
  return Math.max(1, ...projects.map((project) => project.config.maxWorkers || config.maxWorkers || fallback))
}

/** Where packages live that the worker loads although no test file imports them: Vitest's and our own. */
export function runnerPackages(distPath: string): string[] {
  const own = dirname(fileURLToPath(import.meta.url))
  const core = createRequire(import.meta.url).resolve('@glovebox/core/package.json')
  return [...new Set([dirname(distPath), dirname(own), dirname(core)].map(installation))]
}

/** The outermost `node_modules` around a package, since packages import their neighbours; else the package itself. */
function installation(path: string): string {
  const end = path.indexOf(`${sep}node_modules${sep}`)
  return end < 0 ? path : join(path.slice(0, end), 'node_modules')
}

/** Globs, relative to the root, of what Vitest writes from a worker (`link.ts` learns of the rest by name). */
export function persistedGlobs({ config }: Vitest): string[] {
  const coverage = relative(config.root, resolve(config.root, config.coverage.reportsDirectory ?? 'coverage'))
  return ['**/__snapshots__/**', join(coverage, '.tmp*/**')]
}
