import { forks, fresh, glovebox, numbered, shared, threads, vitestSuite } from '../lib/vitest-suite.js'

/** Small files in the node environment, under Vitest's own pools and under Glovebox. */
export function filesSuite({ files = 60, workers }) {
  return vitestSuite({
    title: `${files} small test files`,
    sources: { 'subject.js': subject, ...numbered(files, testFile) },
    count: files,
    workers,
    references: ['forks', 'threads', 'forks --no-isolate'],
    variants: [forks, threads, ...shared, glovebox, fresh],
  })
}

const subject = `export const add = (a, b) => a + b
export const later = (value) => new Promise((resolve) => setImmediate(resolve, value))
`

const testFile = (index) => `import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { add, later } from './subject.js'

describe('file ${index}', () => {
  test('adds', () => {
    expect(add(${index}, 1)).toBe(${index + 1})
  })
  test('joins', () => {
    expect(join('a', '${index}')).toBe('a/${index}')
  })
  test('waits', async () => {
    expect(await later({ index: ${index} })).toEqual({ index: ${index} })
  })
})
`
