import { mergeParts } from '../diagnose/cells/merge.js'
import { readPart } from '../diagnose/cells/part.js'
import type { DiagnoseFlags } from './diagnose-command.js'
import { deliver } from './diagnose-deliver.js'

/** Joins the parts of an experiment that was split, and prints its answer. Returns the exit status. Throws GLOVEBOX_CONFIG. */
export function mergeDiagnosis(
  paths: readonly [string, ...string[]],
  flags: Pick<DiagnoseFlags, 'json' | 'html'>,
): number {
  const [first, ...rest] = paths
  const named = (path: string) => ({ path, part: readPart(path) })
  return deliver(mergeParts([named(first), ...rest.map(named)]), flags)
}
