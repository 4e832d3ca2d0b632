import type { AnswerDocument, ArmDocument } from '../answer-json.js'
import type { Dimension } from '../perturbation.js'

/** One chart: the baseline, and what was changed in one dimension, or in several at once. Plain data, which `client.ts` draws. */
export interface ChartData {
  /** One; several where they were changed together only. */
  dimensions: readonly [Dimension, ...Dimension[]]
  rows: ChartRow[]
}

export interface ChartRow {
  label: string
  /** Counts of trials. */
  failed: number
  total: number
  /** Failure rate and its 95 % interval, 0–1. */
  rate: number
  low: number
  high: number
  /** Corrected p-value; absent for the baseline. */
  p?: number
  kind: 'baseline' | 'matters' | 'other'
}

/**
 * Charts for all dimensions that were tried: those that make a difference first, then those with trials of their own, those that were changed
 * together with others only, and the null arm. Pure.
 */
export function chartsOf({ baseline, arms }: AnswerDocument): ChartData[] {
  const tried = arms.filter((arm) => total(arm) > 0)
  const single = tried.filter(({ dimensions }) => dimensions === undefined)
  const own = [...new Set(single.map(({ dimension }) => dimension))]
  const first = rowOf(baseline, 'baseline')
  const charts = own.map((dimension): ChartData => {
    const rows = single.filter((arm) => arm.dimension === dimension)
    return {
      dimensions: [dimension],
      rows: [first, ...rows.map((arm) => rowOf(arm, arm.significant ? 'matters' : 'other'))],
    }
  })
  const shared = tried.flatMap((arm): ChartData[] => {
    const [one, ...others] = (arm.dimensions ?? []).filter((dimension) => !own.includes(dimension))
    return one === undefined ? [] : [{ dimensions: [one, ...others], rows: [first, rowOf(arm, 'other')] }]
  })
  return [...charts, ...shared].sort((a, b) => weight(b) - weight(a))
}

export function matters({ rows }: ChartData): boolean {
  return rows.some(({ kind }) => kind === 'matters')
}

function weight(chart: ChartData): number {
  if (matters(chart)) return 2 - Math.min(...chart.rows.map(({ p = 1 }) => p))
  const [dimension, ...others] = chart.dimensions
  return dimension === 'null' ? -2 : others.length > 0 ? -1 : 0
}

function rowOf(arm: ArmDocument, kind: ChartRow['kind']): ChartRow {
  const { label, failed, rate, p } = arm
  return {
    label,
    failed,
    total: total(arm),
    rate: total(arm) === 0 ? 0 : failed / total(arm),
    ...rate,
    ...(p !== undefined && { p }),
    kind,
  }
}

const total = ({ failed, passed }: ArmDocument): number => failed + passed
