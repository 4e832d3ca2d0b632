import { realpathSync } from 'node:fs'

/**
 * Vitest's main process loads modules for its workers, and would read a file for them that their sandboxes hide:
 * `import key from '/home/me/.ssh/id_ed25519?raw'`. Throws for such a module.
 */
export function refuseHidden(id: string, hidden: readonly string[]): void {
  const path = id.replace(/^\/@fs\//, '/').replace(/\?.*$/s, '')
  if (hidden.length === 0 || !path.startsWith('/')) return
  const real = realPath(path)
  const place = hidden.find((each) => real === each || real.startsWith(`${each}/`))
  if (place === undefined) return
  throw new Error(
    `${path} is not loaded: Glovebox hides ${place} from tests, and what their runner would read for them, too. List it in filesystem.readonly if they may see it.`,
  )
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // the names of virtual modules may look like paths
  }
}
