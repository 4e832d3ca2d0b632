import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forks, fresh, glovebox, numbered, vitestSuite } from '../lib/vitest-suite.js'

const reporter = fileURLToPath(new URL('../lib/tree-memory-reporter.js', import.meta.url))

/** Peak memory of a run and all of its processes: what they share is counted once, and page cache that nobody maps not at all. */
export function treeSuite({ files = 20, workers = 2 }) {
  return vitestSuite({
    title: `Peak memory (PSS) of the process tree, ${files} small files`,
    sources: numbered(files, content),
    count: files,
    workers,
    references: ['forks'],
    variants: [forks, glovebox, fresh].map((variant) => ({
      ...variant,
      args: [...variant.args, '--reporter', reporter],
    })),
    read(_, folder) {
      return { memory: JSON.parse(readFileSync(join(folder, 'tree-memory.json'), 'utf8')) }
    },
  })
}

const content = (index) => `
import { expect, test } from 'vitest'
test('file ${index}', async () => {
  expect({ a: [1, ${index}] }).toEqual({ a: [1, ${index}] })
  await new Promise((resolve) => setTimeout(resolve, 50))
})
`
