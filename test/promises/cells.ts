import { describe } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import type { NodeMajor, VitestVersion } from '../setup/matrix.mjs'

/** One combination that the promises are tested on. */
export interface Cell {
  node: NodeMajor
  vitest: VitestVersion
  as: Role
}

/** Where every promise is tested. */
export const cells: readonly Cell[] = [
  { node: 20, vitest: '4.1', as: 'root' },
  { node: 20, vitest: '4.1', as: 'user' },
  { node: 24, vitest: '5.1', as: 'root' },
  { node: 24, vitest: '5.1', as: 'user' },
]

/** Where the main one is, so that no version is left out. */
export const smokeCells: readonly Cell[] = [
  { node: 22, vitest: '4.1', as: 'user' },
  { node: 22, vitest: '5.1', as: 'root' },
  { node: 26, vitest: '5.1', as: 'user' },
]

/** A `describe` for each cell, skipped with the reason where the machine lacks something that it needs. */
export function describeCells(which: readonly Cell[], body: (cell: Cell, available: boolean) => void): void {
  for (const cell of which) {
    describe(nameOf(cell), () => {
      const available = requires(cell.as, `node${cell.node}`, `vitest${cell.vitest}`)
      body(cell, available)
    })
  }
}

export function nameOf({ node, vitest, as }: Cell): string {
  return `Node.js ${node}, Vitest ${vitest}, ${as === 'root' ? 'root' : 'ordinary user'}`
}
