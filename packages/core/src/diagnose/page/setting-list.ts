import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import type { AnswerDocument } from '../answer-json.js'
import type { CellSetting, Machine } from '../setting.js'
import { escapeHtml } from './markup.js'

type Fact = readonly [name: string, value: string | undefined]

/** Where, when and with what it was measured. Pure. */
export function settingList({ runner, baseline, arms, took, setting }: AnswerDocument): string {
  const { date, budget, jobs, only, commit, sha256, versions, machine, cells } = setting
  const count = [baseline, ...arms].reduce((sum, { failed, passed }) => sum + failed + passed, 0)
  const facts: readonly Fact[] = [
    ['Date', date.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')],
    [
      'Trials',
      `${count} of ${arms.length + 1} kinds, ${cells === undefined ? `${jobs} at once` : `on ${cells.length} machines`}, in ${ms(took, { long: true })}`,
    ],
    ['Budget', ms(budget, { long: true })],
    ['Dimensions', only === undefined ? 'all' : `only ${only}`],
    ...(cells === undefined
      ? ([
          ['Machine', hardware(machine)],
          ['System', machine.system],
        ] as const)
      : cells.map((cell): Fact => [`Cell ${cell.index}`, describeCell(cell)])),
    ['Versions', `${runner} ${versions.runner}, Node.js ${versions.node}, Glovebox ${versions.glovebox}`],
    ['Commit', commit],
    ['File', `SHA-256 ${sha256}`],
  ]
  const rows = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`],
  )
  return `<dl class="facts card">${rows.join('')}</dl>`
}

function hardware({ cpus, model, memory }: Machine): string {
  return `${cpus} × ${model}, ${prettyBytes(memory, { binary: true })}`
}

function describeCell({ machine, jobs, took, baseline: { failed, passed } }: CellSetting): string {
  return `${hardware(machine)}, ${machine.system}; ${jobs} trials at once, ${ms(took)}; baseline ${failed}/${failed + passed}`
}
