import type { SerializableError, TestResult } from '@jest/test-result'
import type { Test } from 'jest-runner'
import { type JestModules, loadHasteMap, loadResolve, loadRuntime, loadWatcher } from './jest-modules.js'
import type { Job, Note } from './protocol.js'

export type Outcome = { result: TestResult } | { error: unknown }

/** Before a test can put something else in its place. */
const clock = process.hrtime.bigint
const now = (): number => Number(clock() / 1000n)

type TestEvent = Extract<Note, { glovebox: 'event' }>

/** Runs one test file in this process, as Jest does in its own workers. */
export async function runTest(
  jest: JestModules,
  job: Omit<Job, 'glovebox' | 'facts' | 'jestRunner' | 'cwd'>,
  onEvent: (event: TestEvent) => void,
): Promise<Outcome> {
  const { config, globalConfig, path } = job
  const moduleMap = loadHasteMap(jest)
    .getStatic(config)
    .getModuleMapFromJSON(job.moduleMap as never)
  await loadResolve(jest).preloadResolver?.(config.resolver)
  const resolver = loadRuntime(jest).createResolver(config, moduleMap)
  const { default: TestRunner } = jest.runner
  const runner = new TestRunner(globalConfig, {
    ...(job.changedFiles && { changedFiles: new Set(job.changedFiles) }),
    ...(job.sourcesRelatedToTestsInChangedFiles && {
      sourcesRelatedToTestsInChangedFiles: new Set(job.sourcesRelatedToTestsInChangedFiles),
    }),
  })
  let outcome: Outcome = { error: new Error('Jest did not run the file.') }
  runner.on('test-file-start', () => {
    // Jest has set it to 1, as there is but one worker in this process.
    process.env.JEST_WORKER_ID = job.workerId
  })
  runner.on('test-case-start', (payload) =>
    onEvent({ glovebox: 'event', name: 'test-case-start', payload, at: now() }),
  )
  runner.on('test-case-result', (payload) =>
    onEvent({ glovebox: 'event', name: 'test-case-result', payload, at: now() }),
  )
  runner.on('test-file-success', ([, result]) => {
    outcome = { result }
  })
  runner.on('test-file-failure', ([, error]) => {
    outcome = { error: error as SerializableError }
  })
  const { TestWatcher } = loadWatcher(jest)
  const test = { path, context: { config, resolver, moduleMap } } as unknown as Test
  await runner.runTests([test], new TestWatcher({ isWatchMode: false }), { serial: true })
  return outcome
}
