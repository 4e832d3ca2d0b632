import { createRequire } from 'node:module'
import { join } from 'node:path'
import { GloveboxError } from '../errors.js'
import type { RunnerResult, TrialTask } from './trial-types.js'
import { moduleOf } from './vitest-trial.js'

/** As much of Jest's own types as is used; core depends on no runner. */
interface JestCore {
  runCLI(argv: object, projects: string[]): Promise<{ results: { testResults: TestResult[] } }>
}

interface TestResult {
  testFilePath: string
  glovebox?: RunnerResult['record']
  testExecError?: { message?: string; glovebox?: RunnerResult['record'] }
  failureMessage?: string | null
  testResults: { fullName: string; status: string; failureMessages: (string | null)[] }[]
}

/** Runs the file in a Jest of its own, the project's. What it prints goes to this process's streams. */
export async function jestTrial(task: TrialTask): Promise<RunnerResult> {
  const { root, file, testName, change } = task
  const { runCLI } = loadCore(root)
  const { results } = await runCLI(
    {
      $0: 'jest',
      _: [file],
      runTestsByPath: true,
      rootDir: root,
      coverage: false,
      watchman: false,
      watch: false,
      watchAll: false,
      bail: 0,
      passWithNoTests: true,
      ...(!task.keepOutput && { reporters: [], silent: true }),
      ...(task.include && { runner: runnerOf(root) }),
      ...(change.alone && testName !== undefined && { testNamePattern: testName }),
      ...(change.shuffle !== undefined && { randomize: true, seed: change.shuffle }),
    },
    [root],
  )
  const result = results.testResults.find(({ testFilePath }) => testFilePath === file)
  if (result === undefined) throw new GloveboxError('GLOVEBOX_CONFIG', `Jest does not run ${file}`)
  return toResult(result)
}

function loadCore(root: string): JestCore {
  moduleOf(root, 'jest', 'jest') // says so if it is missing
  const require = createRequire(createRequire(join(root, 'package.json')).resolve('jest'))
  return require('@jest/core') as JestCore
}

function runnerOf(root: string): string {
  moduleOf(root, '@glovebox/jest-env', '@glovebox/jest-env')
  return createRequire(join(root, 'package.json')).resolve('@glovebox/jest-env/runner')
}

function toResult(result: TestResult): RunnerResult {
  const { testExecError, testResults, failureMessage } = result
  const failedTests = testResults.some(({ status }) => status === 'failed')
  const whole = testExecError?.message ?? (failedTests ? undefined : failureMessage)
  return {
    tests: testResults.map(({ fullName, status, failureMessages }) => ({
      name: fullName,
      state: status === 'passed' || status === 'failed' ? status : 'skipped',
      message: failureMessages[0] ?? '',
    })),
    errors: whole ? [whole] : [],
    record: result.glovebox ?? testExecError?.glovebox,
  }
}
