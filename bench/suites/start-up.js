import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from 'simple-statistics'
import { forks, fresh, glovebox, numbered, threads, vitestSuite } from '../lib/vitest-suite.js'

const reporter = fileURLToPath(new URL('../lib/start-up-reporter.js', import.meta.url))

/**
 * From the end of a file's last test to the first test of the next one, with one worker at a time: the end of the one worker and the start of the other. No pool says
 * when it assigns a file. Half a second of waiting in each test lets what is prepared ahead be ready, as it is in suites whose tests take their time.
 */
export function startUpSuite({ files = 12 }) {
  return vitestSuite({
    title: `Start-up: from a file's last test to the next file's first, median of ${files} files`,
    sources: numbered(files, content),
    count: files,
    workers: 1,
    references: ['forks'],
    variants: [forks, threads, glovebox, fresh].map((variant) => ({
      ...variant,
      args: [...variant.args, '--reporter', reporter],
    })),
    read(_, folder) {
      const seen = JSON.parse(readFileSync(join(folder, 'start-up.json'), 'utf8'))
      const gaps = seen.slice(1).map(({ begin }, index) => begin - seen[index].end)
      return { wall: median(gaps) }
    },
  })
}

const content = (index) => `
import { expect, test } from 'vitest'
test('file ${index}', async () => {
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(${index} + 1).toBe(${index + 1})
})
`
