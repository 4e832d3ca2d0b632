import { GloveboxError } from '../../errors.js'
import type { Dimension, Perturbation } from '../perturbation.js'
import { dimensions } from '../words.js'

/** One machine's share of an experiment. */
export interface Cell {
  /** From 1. */
  index: number
  of: number
}

/** More machines than there are dimensions have nothing to do. */
const most = 64

/** `2/4`. Throws GLOVEBOX_CONFIG for anything else. Pure. */
export function parseCell(text: string): Cell {
  const [, index, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text)?.map(Number) ?? []
  if (index === undefined || of === undefined || index < 1 || index > of || of > most)
    throw new GloveboxError(
      'GLOVEBOX_CONFIG',
      `--cell ${text}: i/n is needed, with i from 1 to n and n up to ${most}`,
      {
        remedy: 'For the second of four machines: --cell 2/4',
      },
    )
  return { index, of }
}

/**
 * What a cell tries: the dimensions are dealt out in turn, each to one cell with all its changes, so that cells need not speak to each other. The
 * null arm is everyone's, as is the baseline. Every dimension that Glovebox knows has its place, whether this file has it or not: that cells
 * see different things, on different machines, moves none of them. Pure.
 */
export function shareOf(
  all: readonly Perturbation[],
  { index, of }: Cell,
  only: readonly string[] | undefined,
): Perturbation[] {
  const dealt = dimensions.filter((each) => each !== 'null' && (only === undefined || only.includes(each)))
  const mine = (dimension: Dimension) => dealt.indexOf(dimension) % of === index - 1
  return all.filter(({ dimension }) => dimension === 'null' || mine(dimension))
}
