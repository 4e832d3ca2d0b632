import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { costOfEach, readProgress, takeProgress } from '../lib/progress-reporter.js'
import { glovebox, numbered, vitestSuite } from '../lib/vitest-suite.js'

const reporter = fileURLToPath(new URL('../lib/progress-reporter.js', import.meta.url))

/** Milliseconds between two looks at how far a run has come. */
const INTERVAL = 100

/** So many files a run has done by the time that another one, begun meanwhile, has its template. */
const START = 45

/** Whether the last files of a long run cost what the first ones do. Figures are for one file; both are of one run. */
export function manySuite({ files = 500, workers }) {
  const part = Math.floor(files / 5)
  const suite = smallFiles(
    `${files} small files: the first ${part} and the last ${part}, each file`,
    files,
    workers,
  )
  // Between the ends of two files; the very first one waits for the template, at the end one worker is left.
  const cost = (done, from) => costOfEach(done.slice(from, from + part + 1))
  return inTwo(suite, [`first ${part}`, `last ${part}`], async () => {
    const done = await suite.run()
    return [cost(done, 1), cost(done, files - part - 2)]
  })
}

/**
 * The same where other work makes the machine slower or faster meanwhile: the last files of a long run against the first ones of another
 * run at the same moments. Both runs have the whole of these moments, in which neither has just begun or is about to end.
 */
export function manyBesideSuite({ files = 500, workers }) {
  const part = Math.floor(files / 5)
  const title = `the last of ${files} small files and, at the same time, the first of another run, each file`
  const long = smallFiles(title, files, workers)
  const short = smallFiles(title, part, workers)
  return inTwo(
    { ...long, prepare: () => both(long.prepare(), short.prepare()) },
    ['first files', 'last files'],
    async () => {
      const all = long.run()
      const begun = Promise.race([long.reached(files - part - START), all]).then(() => short.run())
      const [last, first] = overlap(...(await Promise.all([all, begun])))
      return [costOfEach(first), costOfEach(last)]
    },
  )
}

function both(...discards) {
  return () => {
    for (const discard of discards) discard?.()
  }
}

/** What each of two runs did while both were under way: the first file of either waits for its template, at the end one worker is left. */
function overlap(...runs) {
  const inner = runs.map((done) => done.slice(1, -2))
  const from = Math.max(...inner.map((done) => done[0].at))
  const to = Math.min(...inner.map((done) => done.at(-1).at))
  const shared = inner.map((done) => done.filter(({ at }) => at >= from && at <= to))
  if (shared.some(({ length }) => length < 10))
    throw new Error('The two runs hardly ran at the same time: take more --files')
  return shared
}

/** A suite under Glovebox, `run` of which resolves with its progress, and `reached` once so many files are done. */
function smallFiles(title, files, workers) {
  const suite = vitestSuite({
    title,
    sources: numbered(files, content),
    count: files,
    workers,
    variants: [{ ...glovebox, args: ['--reporter', reporter] }],
    read: (_, folder) => takeProgress(folder),
  })
  return {
    ...suite,
    run: () => suite.variants[0].measure(),
    async reached(count) {
      while (readProgress(suite.folder()).length < count) await delay(INTERVAL)
    },
  }
}

/** A suite of two variants that are measured at once: the one that is asked for first in a round does it. */
function inTwo(suite, names, measure) {
  const parts = new Map()
  const variant = (name) => ({
    name,
    async measure() {
      if (!parts.has(name))
        for (const [index, sample] of (await measure()).entries()) parts.set(names[index], sample)
      const sample = parts.get(name)
      parts.delete(name)
      return sample
    },
  })
  return {
    ...suite,
    per: 'file',
    references: [names[0]],
    variants: suite.variants.length > 0 ? names.map(variant) : [],
  }
}

const content = (index) => `
import { expect, test } from 'vitest'
test('file ${index}', () => expect(${index} + 1).toBe(${index + 1}))
`
