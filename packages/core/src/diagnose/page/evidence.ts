import type { AnswerDocument, ArmDocument } from '../answer-json.js'
import { isGroup } from './charts.js'
import { escapeHtml } from './markup.js'

/** Every arm of the experiment in a row of its own: what makes a difference first, what could not be tried last. Pure. */
export function evidenceTable({ baseline, arms }: AnswerDocument): string {
  const tried = arms.filter(({ notTried }) => notTried === undefined)
  const sorted = [...tried].sort(
    (a, b) => Number(b.significant ?? false) - Number(a.significant ?? false) || byP(a, b),
  )
  return `<div class="scroll"><table>
<thead><tr><th>Change</th><th>Dimension</th><th class="number">Failed</th><th class="number">Rate (95 %)</th><th class="number">Effect (95 %)</th><th class="number">p</th><th>First failure</th></tr></thead>
<tbody>
${row(baseline, 'baseline')}
${sorted.map((arm) => row(arm, isGroup(arm) ? 'several' : arm.dimension)).join('\n')}
${arms
  .filter(({ notTried }) => notTried !== undefined)
  .map(untried)
  .join('\n')}
</tbody></table></div>`
}

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
  return `<tr${significant ? ' class="matters"' : ''}>${change(arm)}<td>${escapeHtml(dimension === 'null' ? 'null arm' : dimension)}</td><td class="number">${ratio(failed, total)}</td><td class="number">${observed}</td><td class="number">${interval === undefined ? '' : range(interval)}</td><td class="number">${p === undefined ? '' : probability(p)}</td><td class="why">${failure === undefined ? '' : escapeHtml(`${failure.test}: ${failure.message}`)}</td></tr>`
}

function untried(arm: ArmDocument): string {
  return `<tr>${change(arm)}<td>${escapeHtml(arm.dimension)}</td><td class="number" colspan="4">not tried</td><td class="why">${escapeHtml(arm.notTried ?? '')}</td></tr>`
}

function change({ id, label }: ArmDocument): string {
  return `<th scope="row">${escapeHtml(label)}<code>${escapeHtml(id)}</code></th>`
}

function range({ low, high }: { low: number; high: number }): string {
  const sign = (rate: number) => `${Math.round(rate * 100) < 0 ? '−' : ''}${percent(Math.abs(rate))}`
  return `${sign(low)} to ${sign(high)}`
}

function probability(p: number): string {
  return p < 1e-4 ? `< 1e${Math.ceil(Math.log10(p))}` : p.toPrecision(2)
}
