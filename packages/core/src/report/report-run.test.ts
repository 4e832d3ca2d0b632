import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readHistory } from '../flaky/history.js'
import { failure, fileOf, owner } from './files.fixture.js'
import { type FinishedRun, reportRun } from './report-run.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gbtest-report-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function run(more: Partial<FinishedRun['options']>, environment: NodeJS.ProcessEnv = {}): string {
  let text = ''
  const options: FinishedRun['options'] = {
    report: { table: 'auto', github: 'auto' },
    flaky: { retries: 1, policy: 'warn' },
    ...more,
  }
  const files = [fileOf({ flaky: { runs: 2, failures: [failure] } })]
  reportRun(
    { runner: 'vitest 5.1.1', started: 0, ended: 1000, files, root, shard: '1/2', options },
    (chunk) => {
      text += chunk
    },
    environment,
  )
  return text
}
const history = { retries: 1, policy: 'warn', history: 'deep/history.db' } as const

test('the history has what failed before the run passed; where it is not asked for, there is none', () => {
  run({})
  expect(existsSync(join(root, 'deep'))).toBe(false)
  run({ flaky: history })
  const tests = readHistory(join(root, 'deep/history.db'))
  expect(tests.map(({ test: name, passed, failed }) => [name, passed, failed])).toEqual([
    ['', 1, 1],
    ['cart > adds', 1, 1],
    ['is fine', 1, 0],
  ])
})

test('a history that cannot be written is a line, and everything else is reported all the same', () => {
  writeFileSync(join(root, 'deep'), 'a file, no directory')
  const report = { table: 'auto', github: 'auto', json: 'out.json' } as const
  expect(run({ flaky: history, report })).toMatch(
    /flaky: .*\n Glovebox: the run is not in the history: .*deep/s,
  )
  expect(existsSync(join(root, 'out.json'))).toBe(true)
})

test('what is in quarantine and seems stable is told after the run', () => {
  const entries = [{ file: 'a.test.ts', test: 'is fine', ...owner }]
  writeFileSync(join(root, 'glovebox.quarantine.json'), JSON.stringify({ version: 1, entries }))
  let said = ''
  for (let count = 0; count < 30; count++) said = run({ flaky: history })
  expect(said).toContain(
    'a.test.ts › is fine is in quarantine (ada: issue 12) and seems stable. It passed 30 times',
  )
})

test('GitHub is told where it runs this, and only there; a summary that cannot be written is a line', () => {
  const summary = join(root, 'summary.md')
  expect(run({}, { GITHUB_STEP_SUMMARY: summary })).not.toContain('::warning')
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: root, GITHUB_STEP_SUMMARY: summary }
  expect(run({}, environment)).toContain('\n::warning file=a.test.ts,title=Glovebox%3A Flaky::')
  expect(readFileSync(summary, 'utf8')).toContain('### Glovebox')
  expect(run({ report: { table: 'off', github: 'off' } }, environment)).toBe('')
  expect(run({}, { ...environment, GITHUB_STEP_SUMMARY: root })).toContain('the summary of the job cannot be')
})
