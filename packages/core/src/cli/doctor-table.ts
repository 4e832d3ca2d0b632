import { styleText } from 'node:util'
import type { Row } from '../host/doctor.js'

const marks = { ok: 'ok', note: '-', missing: 'MISSING' } as const
const colours = { ok: 'green', note: 'yellow', missing: 'red' } as const

/** The table of `glovebox doctor`, then a paragraph for each fault. Colours only on a terminal. */
export function doctorTable(rows: readonly Row[], complete: boolean): string {
  const faults = rows.filter((row) => row.status !== 'ok' && (row.cost || row.remedy))
  return [renderTable(rows), '', ...paragraphs(faults), conclusion(complete), ''].join('\n')
}

function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map((row) => row.name.length))
  const lines = rows.flatMap((row, index) => {
    const mark = styleText(colours[row.status], marks[row.status].padEnd(7))
    const line = `  ${mark}  ${row.name.padEnd(width)}  ${row.found}`
    return row.area === rows[index - 1]?.area ? [line] : [styleText('bold', row.area), line]
  })
  return lines.join('\n')
}

/** Rows with the same trouble and the same remedy share a paragraph. */
function paragraphs(rows: readonly Row[]): string[] {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.area, row.found, row.remedy])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map(paragraph)
}

function paragraph(rows: readonly Row[]): string {
  const [first] = rows
  if (!first) return ''
  const status = rows.some((row) => row.status === 'missing') ? 'missing' : 'note'
  const names = rows.map((row) => row.name).join(', ')
  const costs = [...new Set(rows.map((row) => row.cost))].filter(Boolean)
  const { remedy } = first
  return [
    `${styleText(colours[status], names)} (${first.area}): ${first.found}`,
    ...costs.map((cost) => `  cost: ${cost}`),
    ...(remedy ? [`  remedy: ${remedy.advice}`, ...remedy.commands.map((command) => `    ${command}`)] : []),
    '',
  ].join('\n')
}

function conclusion(complete: boolean): string {
  return complete
    ? styleText('green', 'All promised isolation is available.')
    : styleText(
        'red',
        'Some promised isolation is not available here; `onUnsupported: "warn"` runs without it and says so.',
      )
}
