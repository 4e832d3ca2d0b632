import ms from 'ms'
import prettyBytes from 'pretty-bytes'
import type { AnswerDocument } from '../answer-json.js'
import { escapeHtml } from './markup.js'

/** Where, when and with what it was measured. Pure. */
export function settingList({ runner, baseline, arms, took, setting }: AnswerDocument): string {
  const { date, budget, jobs, only, commit, sha256, versions, machine } = setting
  const count = [baseline, ...arms].reduce((sum, { failed, passed }) => sum + failed + passed, 0)
  const facts: [name: string, value: string | undefined][] = [
    ['Date', date.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')],
    ['Trials', `${count} of ${arms.length + 1} kinds, ${jobs} at once, in ${ms(took, { long: true })}`],
    ['Budget', ms(budget, { long: true })],
    ['Dimensions', only === undefined ? 'all' : `only ${only}`],
    ['Machine', `${machine.cpus} × ${machine.model}, ${prettyBytes(machine.memory, { binary: true })}`],
    ['System', machine.system],
    ['Versions', `${runner} ${versions.runner}, Node.js ${versions.node}, Glovebox ${versions.glovebox}`],
    ['Commit', commit],
    ['File', `SHA-256 ${sha256}`],
  ]
  const rows = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`],
  )
  return `<dl class="facts card">${rows.join('')}</dl>`
}
