/** docs/specification.md cites tests: each must be there, under its title. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../setup/matrix.mjs'

const page = readFileSync(join(repository, 'docs/specification.md'), 'utf8')
const citations = [...page.matchAll(/`((?:test|packages)\/[\w/.-]+\.test\.ts)` “([^”]+)”/g)].map(
  ([, file = '', title = '']) => ({
    file,
    title,
  }),
)

test('every row of the specification names a test', () => {
  const rows = page.split('\n').filter((line) => /^\| (?!promise )/.test(line))
  expect(rows.filter((row) => !/“[^”]+” \|$/.test(row))).toEqual([])
  expect(citations).toHaveLength(rows.length)
})

test.each(citations)('$file has “$title”', ({ file, title }) => {
  const path = join(repository, file)
  expect(existsSync(path)).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain(title)
})
