import { styleText } from 'node:util'
import { Table } from 'console-table-printer'
import type { Row } from '../host/doctor.js'

const marks = { ok: 'ok', note: '-', missing: 'MISSING' } as const
const colours = { ok: 'green', note: 'yellow', missing: 'red' } as const

/** The table of `glovebox doctor`, then a paragraph for each row that is not as it should be. Pure but for colours. */
export function doctorTable(rows: readonly Row[], complete: boolean): string {
  const remedies = rows.filter((row) => row.status !== 'ok' && (row.cost || row.remedy))
  return [renderTable(rows), ...remedies.map(paragraph), conclusion(complete), ''].join('\n')
}

function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    columns: [
      { name: 'area', alignment: 'left' },
      { name: 'what', alignment: 'left' },
      { name: 'status', alignment: 'left' },
      { name: 'found', alignment: 'left', maxLen: 70 },
    ],
    shouldDisableColors: true,
  })
  let area = ''
  for (const row of rows) {
    table.addRow({
      area: row.area === area ? '' : row.area,
      what: row.name,
      status: marks[row.status],
      found: row.found,
    })
    area = row.area
  }
  return table.render()
}

function paragraph(row: Row): string {
  const head = `${styleText(colours[row.status], row.name)} (${row.area}): ${row.found}`
  const lines = [head, ...(row.cost ? [`  cost: ${row.cost}`] : [])]
  if (row.remedy) {
    lines.push(`  remedy: ${row.remedy.advice}`, ...row.remedy.commands.map((command) => `    ${command}`))
  }
  return `${lines.join('\n')}\n`
}

function conclusion(complete: boolean): string {
  return complete
    ? styleText('green', 'All promised isolation is available.')
    : styleText(
        'red',
        'Some promised isolation is not available here; `onUnsupported: "warn"` runs without it and says so.',
      )
}
