import { tested } from '../flaky/ci-environment.js'
import { type Case, casesOf } from './cases.js'
import { fileName, type TestedFile } from './file-report.js'
import type { RunReportInput } from './junit.js'

type Status = 'passed' | 'failed' | 'skipped' | 'other'

/**
 * A report in the Common Test Report Format, version 0.0.0. Flaky tests are `flaky`, with their failed attempts; what is in quarantine is
 * `other`, with the tag `quarantine`; a file that failed as a whole is a test of its own, tagged with the verdict. Pure.
 */
export function ctrfReport(
  { runner, started, ended, files }: RunReportInput,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const tests = files.flatMap((file) => casesOf(file).map((one) => testOf(one, file)))
  const count = (status: Status) => tests.filter((test) => test.status === status).length
  const [name = '', version = ''] = runner.split(' ')
  const { commit, branch } = tested(environment)
  const report = {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    generatedBy: 'glovebox',
    timestamp: new Date(ended).toISOString(),
    results: {
      tool: { name, version },
      summary: {
        tests: tests.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: 0,
        other: count('other'),
        flaky: tests.filter(({ flaky }) => flaky).length,
        start: started,
        stop: ended,
      },
      tests,
      ...((commit !== undefined || branch !== undefined) && { environment: { commit, branchName: branch } }),
    },
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}

const statuses: Readonly<Record<Case['state'], Status>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  flaky: 'passed',
  quarantined: 'other',
}

function testOf(one: Case, file: TestedFile) {
  const { name, state, duration = 0, cause, earlier } = one
  const [first = '', ...rest] = one.message?.split('\n') ?? []
  const suite = [fileName(file), ...name.slice(0, -1)]
  const tags = [...(state === 'quarantined' ? ['quarantine'] : []), ...(cause === undefined ? [] : [cause])]
  return {
    name: name.at(-1) || '(no name)',
    suite,
    status: statuses[state],
    duration: Math.round(duration),
    filePath: file.file,
    ...(one.message !== undefined && { message: first }),
    ...(rest.length > 0 && { trace: rest.join('\n') }),
    ...(tags.length > 0 && { tags }),
    ...(state === 'quarantined' && {
      rawStatus: 'failed',
      labels: { owner: file.quarantined?.owner ?? '', expires: file.quarantined?.expires ?? '' },
    }),
    ...(state === 'flaky' && {
      flaky: true,
      retries: earlier.length,
      retryAttempts: earlier.map(({ message }, index) => ({ attempt: index + 1, status: 'failed', message })),
    }),
  }
}
