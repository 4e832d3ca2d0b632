import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import type { Config } from '@jest/types'
import { adoptEnvironment, type EnvironmentInput, keepAhead } from './ahead.js'
import { type JestModules, loadHasteMap, loadTransform } from './jest-modules.js'
import type { Environment, EnvironmentClass } from './with-environment.js'

const require = createRequire(import.meta.url)

/** The runtime that takes over what was made ahead. */
export const runtimePath: string = require.resolve('./runtime.js')

interface EnvironmentModule {
  default: EnvironmentClass
  TestEnvironment: EnvironmentClass
}

/**
 * Lets an environment of Jest's be adopted wherever Jest, or a class of the user that extends it, makes one. Once per process. Throws
 * what loading it throws.
 */
export function makeAdoptable(path: string): void {
  const module = require(path) as EnvironmentModule
  const Base = module.TestEnvironment
  const Adoptable = new Proxy(Base, {
    construct: (_, input, made) =>
      adoptEnvironment(input as EnvironmentInput, made.prototype) ?? Reflect.construct(Base, input, made),
  })
  Object.assign(module, { default: Adoptable, TestEnvironment: Adoptable })
}

/** What a file would have when its own code begins to run. Call after a file has run, which is to have torn its own down. */
export async function makeAhead(
  jest: JestModules,
  config: Config.ProjectConfig,
  globalConfig: Config.GlobalConfig,
  testPath: string,
): Promise<void> {
  const own = { ...config }
  // Ours extends Jest's own for Node.js, which is adoptable by now.
  require('./environment.js')
  const console = { current: globalThis.console }
  // Functions that have not run yet are not compiled either: here they are, for all workers.
  setFlagsFromString('--no-lazy')
  try {
    const environment = atTheBeginning(() => newEnvironment(own, globalConfig, console, testPath))
    const runtime = await newRuntime(jest, own, globalConfig, environment, testPath)
    const { lastModules } = (require(runtimePath) as RuntimeModule).default
    for (const path of lastModules) runtime.requireInternalModule(path)
    keepAhead({ environment, config: own, console, modules: new Map(runtime.jestModules) })
  } finally {
    setFlagsFromString('--lazy')
  }
}

/** jsdom counts from when a window was made: with this, from when the worker began, as `performance` does there. */
function atTheBeginning<T>(make: () => T): T {
  const own = Object.getOwnPropertyDescriptor(performance, 'now')
  Object.defineProperty(performance, 'now', { value: () => 0, configurable: true })
  try {
    return make()
  } finally {
    if (own) Object.defineProperty(performance, 'now', own)
    else Reflect.deleteProperty(performance, 'now')
  }
}

type RuntimeModule = typeof import('./runtime.js')
type Runtime = InstanceType<RuntimeModule['default']>

function newEnvironment(
  projectConfig: Config.ProjectConfig,
  globalConfig: Config.GlobalConfig,
  console: { current: Console },
  testPath: string,
): Environment {
  const { TestEnvironment } = require(projectConfig.testEnvironment) as EnvironmentModule
  const context = { console: forwarding(console), docblockPragmas: {}, testPath }
  return Reflect.construct(TestEnvironment, [{ globalConfig, projectConfig }, context]) as Environment
}

/** A console that is given another place to print to later on: each test file has one of its own. */
function forwarding(target: { current: Console }): Console {
  const names = Object.keys(console) as (keyof Console)[]
  const forward =
    (name: keyof Console) =>
    (...input: unknown[]) =>
      Reflect.apply(target.current[name] as () => unknown, target.current, input)
  return Object.fromEntries(names.map((name) => [name, forward(name)])) as unknown as Console
}

async function newRuntime(
  jest: JestModules,
  config: Config.ProjectConfig,
  globalConfig: Config.GlobalConfig,
  environment: Environment,
  testPath: string,
): Promise<Runtime> {
  const { default: Runtime } = require(runtimePath) as RuntimeModule
  const { rootDir } = config
  const moduleMap = loadHasteMap(jest)
    .getStatic(config)
    .getModuleMapFromJSON({ duplicates: [], map: [], mocks: [], rootDir })
  const transformer = await loadTransform(jest).createScriptTransformer(config, new Map())
  // Jest's own modules are never covered.
  const coverage = { collectCoverage: false, collectCoverageFrom: [], coverageProvider: 'babel' } as const
  return new Runtime(
    config,
    environment as never,
    Runtime.createResolver(config, moduleMap),
    transformer,
    new Map(),
    coverage as never,
    testPath,
    globalConfig,
  )
}
