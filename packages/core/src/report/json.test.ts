import { expect, test } from 'vitest'
import type { FileReport } from './file-report.js'
import { jsonReport } from './json.js'

const record = {
  state: 'passed',
  verdict: { kind: 'passed-through' },
  usage: { wall: 12 },
  leaks: [],
  network: 'none',
  blocked: [],
  writes: { persisted: [], discarded: [] },
} as const

test('files are in a fixed order, and what was not measured is absent', () => {
  const files: FileReport[] = [
    { file: 'b.test.ts', ...record },
    { file: 'a.test.ts', project: 'two', ...record },
    { file: 'a.test.ts', project: 'one', ...record },
  ]
  const parsed = JSON.parse(jsonReport({ runner: 'vitest 5.1.1', files }))
  expect(parsed).toMatchObject({ version: 1, runner: 'vitest 5.1.1' })
  expect(parsed.files.map(({ file, project }: FileReport) => [file, project])).toEqual([
    ['a.test.ts', 'one'],
    ['a.test.ts', 'two'],
    ['b.test.ts', undefined],
  ])
  expect(parsed.files[0].usage).toEqual({ wall: 12 })
})
