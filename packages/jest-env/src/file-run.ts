import { join } from 'node:path'
import type { Blocked, Outcome, Profile, SandboxedWorker, Session } from '@glovebox/core/adapter' with {
  'resolution-mode': 'import',
}
import type { SerializableError, TestEvents } from '@jest/test-result'
import type { Config } from '@jest/types'
import type { Test, TestRunnerContext } from 'jest-runner'
import { storeInCache } from './cache.js'
import { toCloneable } from './cloneable.js'
import { type JestModules, loadSnapshot } from './jest-modules.js'
import { errorOf, type FileOutcome, judge } from './judge.js'
import { printOutput } from './output.js'
import { Progress } from './progress.js'
import { isNote, type Job, type Note, type TestCaseEvent } from './protocol.js'
import { workerConfig } from './worker-options.js'

export interface FileInput {
  test: Test
  /** JEST_WORKER_ID. */
  workerId: string
  session: Session
  warm: unknown
  /** Where the options stand, for messages. */
  source: string
  jest: JestModules
  globalConfig: Config.GlobalConfig
  context: TestRunnerContext
  /** Ends the file at once. */
  signal: AbortSignal
  emit<Name extends TestCaseEvent>(name: Name, payload: TestEvents[Name]): void
}

/**
 * One test file in one sandbox, from the job to the verdict. Throws what `Session.profile` and `Session.worker` throw: a wrong pragma, a
 * sandbox that cannot be made.
 */
export async function runFile(input: FileInput): Promise<FileOutcome> {
  const { test, session, jest, globalConfig, source, signal } = input
  const { cacheDirectory } = test.context.config
  const profile = await session.profile(test.path)
  const worker = await session.worker(profile, { warm: input.warm })
  const interrupt = () => worker.kill('the run was interrupted')
  signal.addEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  const progress = new Progress()
  const begun = Date.now()
  try {
    const { told, refused, stored } = await converse(worker, input, profile, progress)
    const { explanationText, forkRefused, portsInUse } = await import('@glovebox/core/adapter')
    const record = await worker.finish(outcomeOf(told), undefined, {
      noSpace: /\bENOSPC\b/.test(textOf(told)),
      crossDevice: /\bEXDEV\b/.test(textOf(told)),
      forkRefused: forkRefused(textOf(told)),
      portsInUse: portsInUse(textOf(told)),
      blocked: refused,
      tests: progress.times,
      persist: [await snapshotOf(test, jest)],
      unlisted: [cacheDirectory],
    })
    const ended = Date.now()
    await stored()
    return judge({
      test,
      globalConfig,
      jest,
      progress,
      told,
      record,
      reason: explanationText(record.verdict, source),
      begun,
      ended,
    })
  } catch (thrown) {
    worker.kill('the runner could not go on')
    await worker.finish(undefined)
    throw thrown
  } finally {
    signal.removeEventListener('abort', interrupt)
  }
}

interface Conversation {
  /** `undefined`: the worker ended before it could say. */
  told: FileOutcome | undefined
  /** What the file asked for on the network, and could not have. */
  refused: readonly Blocked[]
  /** Settles when all that came for the cache is there. */
  stored(): Promise<unknown>
}

async function converse(
  worker: SandboxedWorker,
  input: FileInput,
  profile: Profile,
  progress: Progress,
): Promise<Conversation> {
  const { cacheDirectory } = input.test.context.config
  const writes: Promise<void>[] = []
  const refused: Blocked[] = []
  let told: FileOutcome | undefined
  const foreign = new Set<string>()
  /** Jest would take a worker at its word, whichever file it speaks of. */
  const isForeign = (path: string): boolean => path !== input.test.path && foreign.add(path) !== undefined
  const done = new Promise<void>((resolve) => {
    const receive = (note: Note): void => {
      switch (note.glovebox) {
        case 'event':
          if (isForeign(note.payload[0])) break
          progress.note(note)
          if (note.name === 'test-case-start') input.emit(note.name, note.payload)
          else input.emit(note.name, note.payload)
          break
        case 'cached':
          writes.push(storeInCache(cacheDirectory, note.path, note.content))
          break
        case 'refused': {
          const { glovebox: _, ...blocked } = note
          const test = progress.current
          refused.push(test === undefined ? blocked : { ...blocked, test })
          break
        }
        case 'done':
          isForeign(note.result.testFilePath)
          told ??= { result: note.result }
          resolve()
          break
        case 'failed':
          told ??= { error: note.error }
          resolve()
      }
    }
    worker.onMessage((message) => {
      if (isNote(message)) receive(message)
    })
  })
  printOutput(worker)
  send(worker, jobOf(input, profile))
  await Promise.race([done, worker.ended])
  if (told !== undefined && foreign.size > 0) told = { error: forgery(foreign) }
  return { told, refused, stored: () => Promise.all(writes) }
}

/** Why a file fails whose worker spoke of others. It does not happen by mistake. */
function forgery(foreign: ReadonlySet<string>): SerializableError {
  const names = [...foreign].slice(0, 5).join(', ')
  return errorOf(
    `This file sent messages in the name of others (${names}). They were not taken, and the file fails.`,
  )
}

/** A configuration may hold functions, which Jest's own workers do not get either. */
function send(worker: SandboxedWorker, job: Job): void {
  try {
    worker.send(job)
  } catch {
    worker.send(toCloneable(job))
  }
}

function jobOf({ test, jest, globalConfig, context, workerId }: FileInput, profile: Profile): Job {
  const { changedFiles, sourcesRelatedToTestsInChangedFiles } = context
  const { limits, network, hostname } = profile
  return {
    glovebox: 'job',
    jestRunner: jest.path,
    path: test.path,
    config: withFacts(workerConfig(test.context.config), jest),
    globalConfig,
    moduleMap: test.context.moduleMap.toJSON(),
    changedFiles: changedFiles && [...changedFiles],
    sourcesRelatedToTestsInChangedFiles: sourcesRelatedToTestsInChangedFiles && [
      ...sourcesRelatedToTestsInChangedFiles,
    ],
    cwd: process.cwd(),
    workerId,
    facts: { limits, network, hostname },
  }
}

/** Jest's environment for Node.js is replaced by ours, which adds the global `glovebox`; any other one stays. */
function withFacts(config: Config.ProjectConfig, { require }: JestModules): Config.ProjectConfig {
  if (config.testEnvironment !== require.resolve('jest-environment-node')) return config
  return { ...config, testEnvironment: join(__dirname, 'environment.js') }
}

/** The one file beside the test that Jest writes in a worker; its place is the user's choice. */
async function snapshotOf({ path, context }: Test, jest: JestModules): Promise<string> {
  const resolver = await loadSnapshot(jest).buildSnapshotResolver(context.config)
  return resolver.resolveSnapshotPath(path)
}

/** What Jest thinks of the file. */
function outcomeOf(told: FileOutcome | undefined): Outcome {
  if (told === undefined) return undefined
  if ('error' in told) return 'failed'
  const { numFailingTests, testExecError } = told.result
  return numFailingTests > 0 || testExecError ? 'failed' : 'passed'
}

function textOf(told: FileOutcome | undefined): string {
  if (told === undefined) return ''
  return 'error' in told ? `${told.error.message}\n${told.error.stack}` : (told.result.failureMessage ?? '')
}
