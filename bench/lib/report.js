import { cpus, release, totalmem } from 'node:os'
import { Table } from 'console-table-printer'
import { ratio, summarise } from './rounds.js'

/** The machine on which the figures were taken. */
export function machine() {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    arch: process.arch,
  }
}

/** One suite's figures as plain data: each variant's samples, their summary, and its CPU against each reference. */
export function toResult(suite, samples) {
  const entries = [...samples].map(([name, values]) => [
    name,
    {
      samples: values,
      cpu: summarise(values.cpu),
      wall: summarise(values.wall),
      memory: summarise(values.memory),
      ratios: Object.fromEntries(
        suite.references
          .filter((reference) => samples.has(reference))
          .map((reference) => [
            reference,
            {
              cpu: ratio(values.cpu, samples.get(reference).cpu),
              wall: ratio(values.wall, samples.get(reference).wall),
              memory: ratio(values.memory, samples.get(reference).memory),
            },
          ]),
      ),
    },
  ])
  return { title: suite.title, per: suite.per, skipped: suite.skipped, variants: Object.fromEntries(entries) }
}

export function printResult(result) {
  console.log(`\n${result.title}`)
  const table = new Table({
    defaultColumnOptions: { alignment: 'right' },
    columns: [{ name: 'variant', alignment: 'left' }],
    shouldDisableColors: true,
  })
  for (const [name, variant] of Object.entries(result.variants)) {
    const row = {
      variant: name,
      'CPU ms': range(variant.cpu, 1),
      'wall ms': range(variant.wall, 1),
      'memory MiB': range(variant.memory, 1024 ** 2),
    }
    for (const [index, [reference, ratios]] of Object.entries(variant.ratios).entries()) {
      if (variant.cpu) row[`CPU × ${reference}`] = ratios.cpu?.toFixed(2) ?? ''
      // Enough for the first one: what the goals are held against.
      if (index > 0) continue
      if (variant.wall) row[`wall × ${reference}`] = ratios.wall?.toFixed(2) ?? ''
      if (variant.memory) row[`memory × ${reference}`] = ratios.memory?.toFixed(2) ?? ''
    }
    table.addRow(row)
  }
  table.printTable()
  for (const { name, reason } of result.skipped) console.log(`skipped: ${name}: ${reason}`)
}

/** `median (lowest–highest)`. */
function range(summary, unit) {
  if (!summary) return 'not measured'
  const [median, min, max] = [summary.median, summary.min, summary.max].map((value) => format(value / unit))
  return `${median} (${min}–${max})`
}

function format(value) {
  return value < 100 ? value.toFixed(1) : value.toFixed(0)
}
