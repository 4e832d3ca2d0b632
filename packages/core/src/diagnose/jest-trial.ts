import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
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
  const { runCLI } = besideJest(root)('@jest/core') as JestCore
  const beside = (change.beside ?? []).map((name) => join(root, name))
  const files = [...(change.company ?? []), file, ...beside]
  Reflect.set(globalThis, orderKey, files)
  const { results } = await runCLI(
    {
      $0: 'jest',
      _: files,
      runTestsByPath: true,
      rootDir: root,
      coverage: false,
      watchman: false,
      watch: false,
      watchAll: false,
      bail: 0,
      passWithNoTests: true,
      ...(beside.length > 0 && { maxWorkers: files.length }),
      ...(!task.keepOutput && { reporters: [], silent: true }),
      ...(task.include && { runner: runnerOf(root) }),
      ...(change.alone && testName !== undefined && { testNamePattern: testName }),
      ...(change.company && { runner: jestRunner(root), runInBand: true, testSequencer }),
      ...(change.shuffle !== undefined && { randomize: true, seed: change.shuffle }),
    },
    [root],
  )
  const result = results.testResults.find(({ testFilePath }) => testFilePath === file)
  if (result === undefined) throw new GloveboxError('GLOVEBOX_CONFIG', `Jest does not run ${file}`)
  return toResult(result)
}

/** In one process of Jest, and in the order in which they are named. */
const testSequencer = fileURLToPath(new URL('./jest-order.cjs', import.meta.url))
const orderKey = Symbol.for('glovebox.trial.order')

/** Parts of Jest that a project need not see itself. */
function besideJest(root: string): NodeJS.Require {
  moduleOf(root, 'jest', 'jest') // says so if it is missing
  return createRequire(createRequire(join(root, 'package.json')).resolve('jest'))
}

function jestRunner(root: string): string {
  return createRequire(besideJest(root).resolve('@jest/core')).resolve('jest-runner')
}

function runnerOf(root: string): string {
  moduleOf(root, '@glovebox/jest-env', '@glovebox/jest-env')
  return createRequire(join(root, 'package.json')).resolve('@glovebox/jest-env/runner')
}

function toResult(result: TestResult): RunnerResult {
  const { testExecError, testResults, testFilePath, failureMessage } = result
  const failedTests = testResults.some(({ status }) => status === 'failed')
  const whole = testExecError?.message ?? (failedTests ? undefined : failureMessage)
  return {
    tests: testResults.map(({ fullName, status, failureMessages }) => ({
      name: fullName,
      state: status === 'passed' || status === 'failed' ? status : 'skipped',
      message: failureMessages[0] ?? '',
      line: lineOf(failureMessages[0] ?? '', testFilePath),
    })),
    errors: whole ? [whole] : [],
    record: result.glovebox ?? testExecError?.glovebox,
  }
}

/** Where in the file an error was thrown, by its stack. */
function lineOf(stack: string, file: string): number | undefined {
  const at = stack.indexOf(`${file}:`)
  const [, line] = /^:(\d+):/.exec(at === -1 ? '' : stack.slice(at + file.length)) ?? []
  return line === undefined ? undefined : Number(line)
}
