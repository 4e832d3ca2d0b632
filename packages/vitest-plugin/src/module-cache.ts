import { mkdirSync } from 'node:fs'
import type { Vitest } from 'vitest/node'

/** Where a Vitest keeps modules that it transformed: its main process writes them, workers read them. Undefined if they are kept in memory. */
interface ModuleCache {
  rootCache?: string
}

/**
 * Directories that Vitest writes while workers run. An overlay may not see what comes into its lower layer later, so
 * they are bound, and must be there.
 */
export function sharedDirectories(vitest: Vitest): string[] {
  // Not public; without it workers see these files through the overlay, as far as that goes.
  const { cache, _fsCache } = vitest as { cache?: { _modules?: ModuleCache }; _fsCache?: ModuleCache }
  const configured = [vitest.config, ...vitest.projects.map(({ config }) => config)].flatMap((config) => {
    const { experimental, ...own } = config as CacheOptions
    const { fsModuleCache, fsModuleCachePath } = { ...experimental, ...own }
    return fsModuleCache ? [fsModuleCachePath ?? (cache?._modules ?? _fsCache)?.rootCache] : []
  })
  const directories = [...new Set(configured)].filter((path) => path !== undefined)
  return directories.filter((path) => makeDirectory(path))
}

interface CacheOptions {
  fsModuleCache?: boolean
  fsModuleCachePath?: string
  /** Vitest 4. */
  experimental?: { fsModuleCache?: boolean; fsModuleCachePath?: string }
}

function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true })
    return true
  } catch {
    // Vitest will say so.
    return false
  }
}
