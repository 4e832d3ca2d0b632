import { expect, test } from 'vitest'
import { failure, fileOf, owner } from './files.fixture.js'
import { type GithubInput, githubReport } from './github.js'

const report = (input: Partial<GithubInput>) =>
  githubReport({ files: [], notices: [], root: '/repo/app', workspace: '/repo', ...input })

test('there is nothing to say of files that passed', () => {
  expect(report({ files: [fileOf()] })).toEqual({ annotations: '', summary: '' })
})

test('an annotation is one line whatever is in it, and names the file from the workspace on', () => {
  const nasty = { test: 'cart > adds', message: '50%\r\n::error::no, \u001b[31mred\u001b[39m' }
  const files = [fileOf({ file: 'odd,name:1%.test.ts', flaky: { runs: 2, failures: [nasty] } })]
  expect(report({ files }).annotations).toBe(
    '::warning file=app/odd%2Cname%3A1%25.test.ts,title=Glovebox%3A Flaky::failed in 1 of 2 runs, each in a fresh sandbox ' +
      '(cart > adds: 50%25%0D%0A::error::no, red)\n',
  )
})

test('of several failures each has a line, and none is told twice', () => {
  const other = { test: 'cart > pays', message: 'no' }
  const files = [fileOf({ flaky: { runs: 4, failures: [failure, failure, other] } })]
  const told = `${failure.test}: ${failure.message}`
  expect(report({ files }).annotations).toMatch(/\)%0Acart > pays: no\n$/)
  expect(report({ files }).annotations.split(told)).toHaveLength(2)
})

test('what fails the run is an error, what does not a warning', () => {
  const flaky = { runs: 2, failures: [failure] }
  const { annotations, summary } = report({
    files: [
      fileOf({ file: 'flaky.test.ts', state: 'failed', error: 'Flaky', flaky }),
      fileOf({ file: 'excused.test.ts', quarantined: { ...owner, failures: [failure] } }),
      fileOf({
        file: 'slow.test.ts',
        state: 'failed',
        error: 'Timeout: …',
        verdict: { kind: 'timeout', limit: 1, wall: 1 },
      }),
      fileOf({ file: 'leaky.test.ts', verdict: { kind: 'leaked', leaks: [] } }),
    ],
    notices: ['glovebox.quarantine.json: x expired'],
  })
  expect(annotations.match(/^::\w+ file=[^,]+/gm)).toEqual([
    '::error file=app/flaky.test.ts',
    '::warning file=app/excused.test.ts',
    '::error file=app/slow.test.ts',
    '::warning file=app/leaky.test.ts',
    '::warning file=app/glovebox.quarantine.json',
  ])
  expect(summary).toContain('Test files: 1 passed, 1 flaky, 1 in quarantine, 1 failed.')
})

test('the summary is neither Markdown nor HTML of a test', () => {
  const message = '<img src=x> | **bold** `code` @team #1\nsecond'
  const { summary } = report({ files: [fileOf({ flaky: { runs: 2, failures: [{ test: 't', message }] } })] })
  const row = summary.split('\n').find((line) => line.includes('a.test.ts'))
  expect(row).not.toMatch(/<img|\*\*|`|@team/)
  expect(row?.match(/(?<!&#)\|/g)).toHaveLength(4)
  expect(row).toContain('<br>')
})

test('a summary that would be too long says how much is left out', () => {
  const files = Array.from({ length: 203 }, () => fileOf({ flaky: { runs: 2, failures: [failure] } }))
  expect(report({ files }).summary).toContain('… and 3 more.')
})
