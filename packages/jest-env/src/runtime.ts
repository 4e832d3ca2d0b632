/** Jest's own runtime, of the Jest that is running: for each test file it has Jest's own modules that a template loaded ahead. */
import type JestRuntime from 'jest-runtime'
import { adoptModules } from './ahead.js'
import { requireFromJest } from './running-jest.js'

type Registry = Map<string, unknown>

/** Where the versions of Jest keep them, if they do at all. */
interface Internals {
  /** Before 30.5. */
  _internalModuleRegistry?: Registry
  registries?: { internalModuleRegistry?: Registry }
}

const Base: typeof JestRuntime = (requireFromJest()('jest-runtime') as { default: typeof JestRuntime })
  .default

export default class Runtime extends Base {
  /** Paths of Jest's own modules that the last runtime had when it was torn down. */
  static lastModules: readonly string[] = []

  constructor(...input: ConstructorParameters<typeof JestRuntime>) {
    super(...input)
    for (const [path, module] of adoptModules(input[1])) this.jestModules.set(path, module)
  }

  /** Empty and of no effect in a Jest that keeps them elsewhere. */
  get jestModules(): Registry {
    const { _internalModuleRegistry, registries } = this as unknown as Internals
    return _internalModuleRegistry ?? registries?.internalModuleRegistry ?? new Map()
  }

  override teardown(): void {
    Runtime.lastModules = [...this.jestModules.keys()]
    super.teardown()
  }
}
