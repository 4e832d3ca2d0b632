/** Loads, in a template, what the user listed as `preload`. */
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import type { Preload } from '../plan/planner.js'

/** Given to the `warm` of a worker entry. */
export interface Preloading {
  readonly modules: readonly string[]
  /**
   * Imports the modules as a file of the root would. An entry calls it where they find what they look for when they are loaded, a DOM
   * for example; if it does not, that is done after it. Idempotent. Rejects for the first module that cannot be loaded.
   */
  load(): Promise<void>
}

export function preloading({ modules, root, source }: Preload): Preloading {
  let loaded: Promise<void> | undefined
  const load = async (): Promise<void> => {
    const importHere = importerOf(root)
    for (const name of modules) {
      try {
        await importHere(name)
      } catch (error) {
        const [reason] = String((error as Error)?.message ?? error).split('\n')
        throw new Error(
          `preload of ${source}: ${JSON.stringify(name)} cannot be loaded from ${root}: ${reason}`,
        )
      }
    }
  }
  return {
    modules,
    load: () => {
      loaded ??= load()
      return loaded
    },
  }
}

/** `import()` with the conditions of an ES module, and its cache: what an external module of a test file is imported with. */
function importerOf(root: string): (name: string) => Promise<unknown> {
  const script = new Script('(name) => import(name)', {
    filename: join(root, 'glovebox-preload.js'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return script.runInThisContext() as (name: string) => Promise<unknown>
}
