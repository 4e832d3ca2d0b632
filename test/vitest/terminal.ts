/** A terminal with Vitest in it: some of Vitest listens to the keyboard only there. */
import { join } from 'node:path'
import { openTerminal as open, type Terminal } from '../harness/terminal.js'
import { modulesOf, nodeBinary } from '../setup/matrix.mjs'
import type { Cell } from './support.js'

export function openTerminal(cell: Cell, cwd: string, args: string): Terminal {
  const vitest = join(modulesOf(`vitest-${cell.vitest}`), 'vitest/vitest.mjs')
  return open(cell.as, cwd, [nodeBinary(cell.node), vitest, args])
}
