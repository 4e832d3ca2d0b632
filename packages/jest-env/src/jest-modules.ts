import { createRequire } from 'node:module'
import type * as Transform from '@jest/transform'
import type { Config } from '@jest/types'
import type EmitteryModule from 'emittery'
import type * as Docblock from 'jest-docblock'
import type HasteMap from 'jest-haste-map'
import type * as MessageUtil from 'jest-message-util'
import type * as RunnerModule from 'jest-runner'
import type Runtime from 'jest-runtime'
import type * as Snapshot from 'jest-snapshot'
import type * as Watcher from 'jest-watcher'
import { type Require, requireFromJest } from './running-jest.js'

/** The user's Jest, as far as the runner and its workers call it. Same in 29.7 and 30. */
export interface JestModules {
  /** Path of `jest-runner`. */
  readonly path: string
  readonly require: Require
  readonly runner: typeof RunnerModule
}

export function loadJest(path: string): JestModules {
  const jestRequire = requireFromJest(path)
  return { path, require: jestRequire, runner: jestRequire(path) as typeof RunnerModule }
}

export function loadEmittery({ require }: JestModules): typeof EmitteryModule {
  return require('emittery') as typeof EmitteryModule
}

export function loadMessageUtil({ require }: JestModules): typeof MessageUtil {
  return require('jest-message-util') as typeof MessageUtil
}

export function loadWatcher({ require }: JestModules): typeof Watcher {
  return require('jest-watcher') as typeof Watcher
}

export function loadHasteMap({ require }: JestModules): typeof HasteMap {
  return (require('jest-haste-map') as { default: typeof HasteMap }).default
}

export function loadRuntime({ require }: JestModules): typeof Runtime {
  return (require('jest-runtime') as { default: typeof Runtime }).default
}

interface ResolveModule {
  /** Loads a custom resolver that may be an ES module; Jest before 30.5 has no need of it. */
  preloadResolver?: (path: unknown) => Promise<void>
  resolveTestEnvironment(
    wanted: Config.ProjectConfig & { requireResolveFunction: (module: string) => string },
  ): string
}

export function loadResolve({ require }: JestModules): ResolveModule {
  return require('jest-resolve') as ResolveModule
}

export function loadTransform({ require }: JestModules): typeof Transform {
  return require('@jest/transform') as typeof Transform
}

export function loadDocblock({ require }: JestModules): typeof Docblock {
  return require('jest-docblock') as typeof Docblock
}

export function loadSnapshot({ require }: JestModules): typeof Snapshot {
  return createRequire(require.resolve('jest-runtime'))('jest-snapshot') as typeof Snapshot
}

interface AtomicWriter {
  sync(path: string, content: string, options: unknown): void
}

/** With what Jest writes its cache of transformed code. */
export function loadCacheWriter({ require }: JestModules): AtomicWriter {
  return createRequire(require.resolve('@jest/transform'))('write-file-atomic') as AtomicWriter
}

type FsFunction = (...input: unknown[]) => unknown

/** Jest's `fs`. */
export function loadGracefulFs({ require }: JestModules): { readFileSync: FsFunction; statSync: FsFunction } {
  return require('graceful-fs') as { readFileSync: FsFunction; statSync: FsFunction }
}
