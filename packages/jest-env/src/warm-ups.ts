import { readFileSync } from 'node:fs'
import type { Config } from '@jest/types'
import type { Test } from 'jest-runner'
import { type JestModules, loadDocblock, loadResolve } from './jest-modules.js'
import type { WarmUp } from './warm.mjs' with { 'resolution-mode': 'import' }
import { workerConfig } from './worker-options.js'

/** Other environments may do whatever they like when they are set up: they are not loaded before a file asks for them. */
const known = /[\\/](jest-environment-node|jest-environment-jsdom)[\\/]/

/** Characters of JSON: a warm-up goes over a command line. */
const SMALL = 8192

function small(globals: Config.ConfigGlobals): Config.ConfigGlobals {
  return JSON.stringify(globals).length > SMALL ? {} : globals
}

/** What templates are warmed with: there is one for each environment that files have. What else they load is mostly the same. */
export class WarmUps {
  readonly #made = new Map<string, WarmUp>()
  readonly #jest: JestModules
  readonly #globalConfig: Config.GlobalConfig

  constructor(jest: JestModules, globalConfig: Config.GlobalConfig) {
    this.#jest = jest
    this.#globalConfig = globalConfig
  }

  of(test: Test): WarmUp {
    const testEnvironment = this.#environmentOf(test)
    const made = this.#made.get(testEnvironment) ?? {
      jestRunner: this.#jest.path,
      // It goes over a command line: nothing large, and nothing that the file does not need.
      config: {
        ...workerConfig(test.context.config),
        globals: small(test.context.config.globals),
        testEnvironment,
      },
      globalConfig: this.#globalConfig,
    }
    this.#made.set(testEnvironment, made)
    return made
  }

  #environmentOf({ path, context }: Test): string {
    const { config } = context
    const wanted = this.#pragmaOf(path, config) ?? config.testEnvironment
    return known.test(wanted) ? wanted : this.#jest.require.resolve('jest-environment-node')
  }

  /** The environment that a file's docblock asks for, if it can be found; otherwise Jest will say so. */
  #pragmaOf(path: string, config: Config.ProjectConfig): string | undefined {
    const { extract, parse } = loadDocblock(this.#jest)
    try {
      const testEnvironment = parse(extract(readFileSync(path, 'utf8')))['jest-environment']
      if (typeof testEnvironment !== 'string') return undefined
      const { resolveTestEnvironment } = loadResolve(this.#jest)
      const requireResolveFunction = (module: string) => this.#jest.require.resolve(module)
      return resolveTestEnvironment({ ...config, testEnvironment, requireResolveFunction })
    } catch {
      return undefined
    }
  }
}
