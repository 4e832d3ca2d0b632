import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { glovebox, numbered, vitestSuite } from '../lib/vitest-suite.js'

const reporter = fileURLToPath(new URL('../lib/progress-reporter.js', import.meta.url))

/** Whether the last files of a long run cost what the first ones do. Figures are for one file; both are of one run. */
export function manySuite({ files = 500, workers }) {
  const part = Math.floor(files / 5)
  let parts
  const suite = vitestSuite({
    title: `${files} small files: the first ${part} and the last ${part}, each file`,
    sources: numbered(files, content),
    count: files,
    workers,
    variants: [{ ...glovebox, args: ['--reporter', reporter] }],
    read(_, folder) {
      const done = JSON.parse(readFileSync(join(folder, 'progress.json'), 'utf8'))
      // Between the ends of two files; the very first one waits for the template, at the end one worker is left.
      const cost = (from) => {
        const [begin, end] = [done[from], done[from + part]]
        const per = (key) => (end[key] === undefined ? undefined : (end[key] - begin[key]) / part)
        return { wall: per('wall'), cpu: per('cpu') }
      }
      return { first: cost(1), last: cost(files - part - 2) }
    },
  })
  const [run] = suite.variants
  /** The part that is asked for first in a round makes the run. */
  const half = (name, key) => ({
    name,
    async measure() {
      parts ??= await run.measure()
      const sample = parts[key]
      delete parts[key]
      if (Object.keys(parts).length === 0) parts = undefined
      return sample
    },
  })
  const [first, last] = [`first ${part}`, `last ${part}`]
  return {
    ...suite,
    per: 'file',
    references: [first],
    variants: run ? [half(first, 'first'), half(last, 'last')] : [],
  }
}

const content = (index) => `
import { expect, test } from 'vitest'
test('file ${index}', () => expect(${index} + 1).toBe(${index + 1}))
`
