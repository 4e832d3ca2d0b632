import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseQuarantine, type QuarantineEntry, quarantineFile } from './quarantine.js'

/** The list at a runner's root; empty if there is none. Throws GLOVEBOX_CONFIG. */
export function readQuarantine(root: string): QuarantineEntry[] {
  const path = join(root, quarantineFile)
  return existsSync(path) ? parseQuarantine(readFileSync(path, 'utf8'), quarantineFile) : []
}
