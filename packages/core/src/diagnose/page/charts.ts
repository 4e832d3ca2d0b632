import type { AnswerDocument, ArmDocument } from '../answer-json.js'
import type { Dimension } from '../perturbation.js'

/** One chart: the baseline, and what was changed in one dimension. Plain data, which `client.ts` draws. */
export interface ChartData {
  dimension: Dimension
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

/** A chart for each dimension that had trials: first those that make a difference, the null arm last. Pure. */
export function chartsOf({ baseline, arms }: AnswerDocument): ChartData[] {
  const tried = arms.filter((arm) => total(arm) > 0 && !isGroup(arm))
  const dimensions = [...new Set(tried.map(({ dimension }) => dimension))]
  const first = rowOf(baseline, 'baseline')
  const charts = dimensions.map((dimension) => ({
    dimension,
    rows: [
      first,
      ...tried
        .filter((arm) => arm.dimension === dimension)
        .map((arm) => rowOf(arm, arm.significant ? 'matters' : 'other')),
    ],
  }))
  return charts.sort((a, b) => weight(b) - weight(a))
}

/** Groups of changes save trials; they are no evidence for any of their members. */
export function isGroup({ id }: ArmDocument): boolean {
  return id.startsWith('group=')
}

export function matters({ rows }: ChartData): boolean {
  return rows.some(({ kind }) => kind === 'matters')
}

function weight(chart: ChartData): number {
  if (matters(chart)) return 2 - Math.min(...chart.rows.map(({ p = 1 }) => p))
  return chart.dimension === 'null' ? -1 : 0
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
