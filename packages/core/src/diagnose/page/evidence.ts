import type { AnswerDocument, ArmDocument } from '../answer-json.js'
import { escapeHtml } from './markup.js'

/** Every arm of the experiment in a row of its own: what makes a difference first, what could not be tried last. Pure. */
export function evidenceTable({ baseline, arms }: AnswerDocument): string {
  const tried = arms.filter(({ notTried }) => notTried === undefined)
  const sorted = [...tried].sort(
    (a, b) =>
      Number(b.significant ?? false) - Number(a.significant ?? false) ||
      Number(a.members !== undefined) - Number(b.members !== undefined) ||
      byP(a, b),
  )
  const columns = Object.values(labels).map(
    (label, index) => `<th${index > 1 && index < 6 ? ' class="number"' : ''}>${label}</th>`,
  )
  return `<div class="scroll"><table>
<thead><tr>${columns.join('')}</tr></thead>
<tbody>
${row(baseline, 'baseline')}
${sorted.map((arm) => row(arm, arm.dimensions?.join(', ') ?? arm.dimension)).join('\n')}
${arms
  .filter(({ notTried }) => notTried !== undefined)
  .map(untried)
  .join('\n')}
</tbody></table></div>`
}

/** Heads of the columns; on a narrow screen they stand beside each value. */
const labels = {
  change: 'Change',
  dimension: 'Dimension',
  failed: 'Failed',
  rate: 'Rate (95 %)',
  effect: 'Effect (95 %)',
  p: 'p',
  failure: 'First failure',
} as const

export function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`
}

export function ratio(failed: number, total: number): string {
  return `${failed}/${total}`
}

function byP({ p = 1 }: ArmDocument, { p: other = 1 }: ArmDocument): number {
  return p - other
}

function row(arm: ArmDocument, dimension: string): string {
  const { failed, passed, rate, interval, p, significant, failure } = arm
  const total = failed + passed
  const observed = total === 0 ? '–' : `${percent(failed / total)} (${range(rate)})`
  const cells = [
    cell('dimension', dimension === 'null' ? 'null arm' : dimension),
    cell('failed', ratio(failed, total), 'number'),
    cell('rate', observed, 'number'),
    cell('effect', interval === undefined ? '' : range(interval), 'number'),
    cell('p', p === undefined ? '' : probability(p), 'number'),
    cell('failure', failure === undefined ? '' : `${failure.test}: ${failure.message}`, 'why'),
  ]
  return `<tr${significant ? ' class="matters"' : ''}>${change(arm)}${cells.join('')}</tr>`
}

function untried(arm: ArmDocument): string {
  const empty = (['failed', 'rate', 'effect', 'p'] as const).map((column) => cell(column, '', 'number'))
  return `<tr class="untried">${change(arm)}${cell('dimension', arm.dimension)}${empty.join('')}${cell('failure', `Not tried: ${arm.notTried ?? ''}`, 'why')}</tr>`
}

function cell(column: keyof typeof labels, text: string, kind?: 'number' | 'why'): string {
  return `<td data-label="${labels[column]}"${kind === undefined ? '' : ` class="${kind}"`}>${escapeHtml(text)}</td>`
}

function change({ id, label, members }: ArmDocument): string {
  const ids = members?.join(' ') ?? id
  return `<th scope="row">${escapeHtml(label)}<code>${escapeHtml(ids)}</code></th>`
}

function range({ low, high }: { low: number; high: number }): string {
  const sign = (rate: number) => `${Math.round(rate * 100) < 0 ? '−' : ''}${percent(Math.abs(rate))}`
  return `${sign(low)} to ${sign(high)}`
}

function probability(p: number): string {
  return p < 1e-4 ? `< 1e${Math.ceil(Math.log10(p))}` : p.toPrecision(2)
}
