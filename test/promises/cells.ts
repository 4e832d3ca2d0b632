import { describe } from 'vitest'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import type { JestVersion, NodeMajor, VitestVersion } from '../setup/matrix.mjs'

/** One combination that the promises are tested on. */
export type AnyCell = Cell | JestCell

interface On {
  node: NodeMajor
  as: Role
}

export interface Cell extends On {
  vitest: VitestVersion
}

export interface JestCell extends On {
  jest: JestVersion
}

/** These, or with GLOVEBOX_MATRIX=full every Node.js with every Vitest that runs on it, as root and as an ordinary user. */
export function cellsOr(few: readonly Cell[]): readonly Cell[] {
  if (process.env.GLOVEBOX_MATRIX !== 'full') return few
  const runners = ([20, 22, 24, 26] as const).flatMap((node) =>
    (node === 20 ? (['4.1'] as const) : (['4.1', '5.1'] as const)).map((vitest) => ({ node, vitest })),
  )
  return runners.flatMap((runner) => (['root', 'user'] as const).map((as) => ({ ...runner, as })))
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

/** Where promises are tested with Jest: the same projects, the same expectations. GLOVEBOX_MATRIX=full: on every combination. */
export const jestCells: readonly JestCell[] =
  process.env.GLOVEBOX_MATRIX === 'full'
    ? ([20, 24] as const).flatMap((node) =>
        (['29.7', '30'] as const).flatMap((jest) =>
          (['root', 'user'] as const).map((as) => ({ node, jest, as })),
        ),
      )
    : [
        { node: 20, jest: '29.7', as: 'user' },
        { node: 24, jest: '30', as: 'root' },
      ]

/** A `describe` for each cell, skipped with the reason where the machine lacks something that it needs. */
export function describeCells<Any extends AnyCell>(
  which: readonly Any[],
  body: (cell: Any, available: boolean) => void,
): void {
  for (const cell of which) {
    describe(nameOf(cell), () => {
      const runner = 'jest' in cell ? (`jest${cell.jest}` as const) : (`vitest${cell.vitest}` as const)
      body(cell, requires(cell.as, `node${cell.node}`, runner))
    })
  }
}

export function nameOf(cell: AnyCell): string {
  const runner = 'jest' in cell ? `Jest ${cell.jest}` : `Vitest ${cell.vitest}`
  return `Node.js ${cell.node}, ${runner}, ${cell.as === 'root' ? 'root' : 'ordinary user'}`
}
