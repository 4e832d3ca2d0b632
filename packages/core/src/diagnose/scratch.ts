import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface Scratch {
  /** Absolute. */
  path: string
  /** Removes it. Idempotent. */
  clear(): void
}

/**
 * A directory that trials and their sandboxes share. It lies where tests do not look: what is visible in `/tmp` of some sandboxes only would
 * be one more change. In the nearest `node_modules/.cache` if that can be written; otherwise, under a name that the supervisor does not take
 * for one of its own, in the directory for temporary files.
 */
export function makeScratch(root: string): Scratch {
  const modules = nearestModules(root)
  const cache = join(modules ?? '', '.cache')
  try {
    if (modules === undefined) return scratchIn(tmpdir())
    mkdirSync(cache, { recursive: true })
    const { path, clear } = scratchIn(cache)
    return {
      path,
      clear: () => {
        clear()
        removeEmpty(cache)
      },
    }
  } catch {
    return scratchIn(tmpdir())
  }
}

function nearestModules(directory: string): string | undefined {
  const modules = join(directory, 'node_modules')
  if (existsSync(modules)) return modules
  const parent = dirname(directory)
  return parent === directory ? undefined : nearestModules(parent)
}

function scratchIn(parent: string): Scratch {
  const path = mkdtempSync(join(parent, 'diagnosed-by-glovebox-'))
  return { path, clear: () => rmSync(path, { recursive: true, force: true }) }
}

function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // Others use it.
  }
}
