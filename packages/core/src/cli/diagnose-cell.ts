import { type Cell, parseCell } from '../diagnose/cells/cell.js'
import { type Part, writePart } from '../diagnose/cells/part.js'
import { trials } from '../diagnose/statistics.js'
import { GloveboxError } from '../errors.js'
import type { DiagnoseFlags } from './diagnose-command.js'
import { ofSignal } from './exit-status.js'

/** The cell that was asked for. Throws GLOVEBOX_CONFIG, also for flags that ask for an answer, which one cell has not. */
export function cellOf(flags: DiagnoseFlags): Cell | undefined {
  if (flags.cell === undefined) {
    if (flags.part === undefined) return undefined
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      '--part is for one cell of an experiment, which --cell i/n names',
    )
  }
  for (const flag of ['json', 'html'] as const) {
    if (flags[flag] === undefined) continue
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `--${flag} cannot be had together with --cell: a cell has no answer`,
      {
        remedy: 'Ask for the answer where the parts are joined: glovebox diagnose merge',
      },
    )
  }
  return parseCell(flags.cell)
}

/** Writes what a cell found. Returns the exit status. Throws GLOVEBOX_CONFIG. */
export function deliverPart(found: Omit<Part, 'gloveboxPart'>, flags: DiagnoseFlags): number {
  const { cell, experiment, file, stopped, took } = found
  const path = flags.part ?? `glovebox-part-${cell.index}-of-${cell.of}.json`
  writePart(path, { gloveboxPart: 1, ...found })
  const count = [experiment.baseline, ...experiment.arms].reduce((sum, { tally }) => sum + trials(tally), 0)
  process.stdout.write(
    `Cell ${cell.index} of ${cell.of} of ${file}: ${count} trials in ${Math.round(took / 1000)} s, written to ${path}\n` +
      'The answer comes from all cells together: npx glovebox diagnose merge PARTS…\n',
  )
  return stopped === 'interrupted' ? ofSignal('SIGINT') : 0
}
