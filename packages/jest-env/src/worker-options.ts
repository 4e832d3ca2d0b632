import { dirname, join, sep } from 'node:path'
import type { Config } from '@jest/types'
import { withoutOptions } from './options.js'

/** How many files run at once. Jest's own `serial` is no measure: it is set for few or fast files, too. */
export function maxWorkers({ maxWorkers, runInBand, detectOpenHandles }: Config.GlobalConfig): number {
  return runInBand || detectOpenHandles ? 1 : Math.max(1, maxWorkers)
}

/** A project's configuration as its workers have it: without our options, and with the runtime that takes over what templates made. */
export function workerConfig(config: Config.ProjectConfig): Config.ProjectConfig {
  return { ...withoutOptions(config), runtime: config.runtime ?? join(__dirname, 'runtime.js') }
}

/** As Jest starts its own workers: a debugger of the main process is not theirs. */
export function workerExecArgv(execArgv: readonly string[] = process.execArgv): string[] {
  return execArgv.filter((flag) => !/^--(debug|inspect)/.test(flag))
}

/** As Jest does for its own workers, whose output is no terminal: colours if there are any here. */
export function workerEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  depth: number = colourDepth(),
): Record<string, string | undefined> {
  const levels: Record<number, string> = { 4: '1', 8: '2', 24: '3' }
  const level = levels[depth]
  return { ...(level !== undefined && { FORCE_COLOR: level }), ...environment }
}

function colourDepth(): number {
  if (process.argv.includes('--color') || process.argv.includes('--colors')) return 4
  return process.stdout.isTTY ? process.stdout.getColorDepth() : 1
}

/** Where packages live that the worker loads although no test file imports them: Jest's and our own. */
export function runnerPackages(jestRunner: string): string[] {
  const core = require.resolve('@glovebox/core/package.json')
  return [...new Set([jestRunner, __dirname, core].map((path) => installation(path)))]
}

/** The outermost `node_modules` around a module, since packages import their neighbours; else its package. */
function installation(path: string): string {
  const end = path.indexOf(`${sep}node_modules${sep}`)
  return end < 0 ? dirname(path) : join(path.slice(0, end), 'node_modules')
}

/** Globs of what Jest's snapshots, and the widespread ones of images, write from a worker. */
export const persistedGlobs: readonly string[] = ['**/__snapshots__/**', '**/__image_snapshots__/**']
