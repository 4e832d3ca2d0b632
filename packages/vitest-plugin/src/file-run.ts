import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileRecord, Outcome, Quarantined, SandboxedWorker, Session } from '@glovebox/core/adapter'
import { explanationText } from '@glovebox/core/adapter'
import type { RunnerTestFile } from 'vitest'
import type { PoolOptions } from 'vitest/node'
import { forgery, listen, outcome, type Progress, printOutput } from './conversation.js'
import { failuresOf, hasFailed, runRepeatedly } from './flaky.js'
import { underInspection } from './inspector.js'
import { createLink, hintsOf } from './link.js'
import { amend } from './meta.js'
import { asModuleError, emptyModule, failedModule, located, type ModuleError } from './module-failure.js'
import { ownModule } from './ownership.js'
import { isReply, type RunnerRequest, type RunnerResponse, request, response } from './protocol.js'
import { pardoned } from './quarantined.js'
import { makeRemarks, remarked, remarksOn } from './remarks.js'
import { needsFreshProcess, warmUp } from './templates.js'
import { environmentDifference, mentioned } from './worker-options.js'

/** What a file needs of its surroundings. */
export interface FileContext {
  options: PoolOptions
  session: Promise<Session>
  /** Where the options stand, for messages. */
  source: string
  /** The session's environment: the worker is told what its project has otherwise. */
  sessionEnv: Readonly<Record<string, string | undefined>>
  /** A message for Vitest's main process. */
  emit(message: unknown): void
}

/** One test file in one sandbox, from the first message to the verdict. */
export interface FileRun {
  /** Runs the file; `start` is replayed to the worker first. Settles when Vitest was told of its end; never rejects. */
  run(start: RunnerRequest, run: RunnerRequest): Promise<void>
  /** A call from Vitest, or its answer to one. */
  forward(message: unknown): void
  /** The error with which the worker tore down its environment, if any. */
  readonly teardownError: unknown
  /** Ends the sandbox; settles when nothing of it is left. */
  abort(): Promise<void>
}

export interface Judgement {
  record?: FileRecord
  /** Why the module fails, whatever its tests say. */
  error?: ModuleError | undefined
  response?: RunnerResponse
  outcome?: Outcome
}

const cancelled = 'the run was cancelled'

export function createFileRun({ options, session, source, sessionEnv, emit }: FileContext): FileRun {
  const { project } = options
  const toWorker = (message: unknown) => worker?.send(message)
  const newLink = (path: string) => createLink(ownModule(project, path), { toVitest: emit, toWorker })
  let link = newLink('')
  /** Calls from Vitest that came before the worker could take them. */
  let early: unknown[] | undefined = []
  let worker: SandboxedWorker | undefined
  let aborted = false
  let teardownError: unknown
  let running: Promise<void> | undefined
  async function runFile(start: RunnerRequest, run: RunnerRequest): Promise<void> {
    const path = run.context?.files?.[0]?.filepath ?? ''
    link = newLink(path)
    const judgement = await judged(path, start, run)
      .then((found) => excused(path, found))
      .catch((thrown): Judgement => ({ error: asModuleError(thrown) }))
    await report(path, { ...judgement, error: judgement.error && located(judgement.error, path) })
    emit(response('testfileFinished', judgement.response))
    link.close()
  }

  /** Runs the file as often as it takes. */
  async function judged(path: string, start: RunnerRequest, run: RunnerRequest): Promise<Judgement> {
    let runs = 0
    return runRepeatedly(await session, {
      name: nameOf(path),
      async run() {
        if (runs++ > 0) {
          link.close()
          link = newLink(path)
          early = []
        }
        return { judgement: await attempt(path, start, run), link }
      },
      // With `bail`, Vitest has cancelled the run. Who collects tests runs none.
      mayGoOn: (failed) => run.type === 'run' && !aborted && !(failed && project.vitest.config.bail),
    })
  }

  /** What is in quarantine does not fail the file. */
  async function excused(path: string, judgement: Judgement): Promise<Judgement> {
    const { record, error } = judgement
    if (record === undefined || record.stress || aborted || !hasFailed(judgement, link)) return judgement
    const failures = record.flaky?.failures ?? failuresOf(link, nameOf(path), error)
    const quarantined = (await session).excuse(path, failures)
    return quarantined === undefined ? judgement : { record: { ...record, quarantined } }
  }

  const nameOf = (path: string) => relative(project.config.root, path)

  async function attempt(path: string, start: RunnerRequest, run: RunnerRequest): Promise<Judgement> {
    const sandboxes = await session
    const profile = underInspection(
      await sandboxes.profile(path, mentioned(options.env, project.getProvidedContext())),
      project,
    )
    worker = await sandboxes.worker(profile, {
      execArgv: options.execArgv,
      warm: warmUp(project, options.environment),
      fresh: needsFreshProcess(project, options.environment),
    })
    if (aborted) worker.kill(cancelled)
    try {
      return await judge(worker, await converse(worker, start, run))
    } catch (thrown) {
      worker.kill('the runner could not go on')
      await worker.finish(undefined)
      throw thrown
    }
  }

  /** Replays `start`, runs the file, and lets the environment be torn down. */
  async function converse(to: SandboxedWorker, start: RunnerRequest, run: RunnerRequest): Promise<Progress> {
    const answers = listen(to, link)
    printOutput(to, project.vitest)
    to.send({
      glovebox: 'bootstrap',
      distPath: options.distPath,
      env: environmentDifference(sessionEnv, options.env),
    })
    to.send(start)
    const started = await answers.next('started')
    if (started.kind !== 'answered') return started
    if (started.response.error !== undefined) return { kind: 'unable', error: started.response.error }
    for (const message of early ?? []) to.send(message)
    early = undefined
    to.send(run)
    const finished = await answers.next('testfileFinished')
    if (finished.kind !== 'answered') return finished
    to.send(request('stop', { otelCarrier: run.otelCarrier }))
    const stopped = await within(project.config.teardownTimeout, answers.next('stopped'))
    if (stopped?.kind === 'answered') teardownError = stopped.response.error
    return finished
  }

  async function judge(from: SandboxedWorker, progress: Progress): Promise<Judgement> {
    const thought = outcome(progress, link)
    const record = await from.finish(thought, undefined, hintsOf(link))
    const message = explanationText(record.verdict, source)
    const error = message === '' ? forgery(link) : { name: 'Glovebox', message }
    switch (progress.kind) {
      case 'answered':
        return { record, error, response: progress.response, outcome: thought }
      case 'unable':
        return { record, error: error ?? asModuleError(progress.error) }
      case 'died':
        return { record, error }
    }
  }

  /** Tells Vitest how the module ended. */
  async function report(path: string, { record, error }: Judgement): Promise<void> {
    if (record?.quarantined !== undefined) return reportExcused(path, record, record.quarantined)
    if (link.file !== undefined && link.held.length > 0) {
      const remarks = record === undefined ? [] : remarksOn(link.file, record)
      await makeRemarks(remarks, link)
      for (const update of link.held)
        await link.call('onTaskUpdate', amend(remarked(update, remarks), link.file, record, error))
    } else if (error !== undefined) {
      const file = link.file ?? (await announce(path))
      const update = failedModule(file, link.progress, error)
      await link.call('onTaskUpdate', amend(update, file, record, undefined))
    }
    await link.tellUnhandled()
    if (error !== undefined) stopAfterFailures()
  }

  async function reportExcused(path: string, record: FileRecord, quarantined: Quarantined): Promise<void> {
    const file = link.file ?? (await announce(path))
    const ended = { name: 'Glovebox', message: quarantined.reason }
    const updates = link.held.length > 0 ? link.held : [failedModule(file, link.progress, ended)]
    const remarks = remarksOn(file, record)
    await makeRemarks(remarks, link)
    for (const update of pardoned(file, updates, quarantined))
      await link.call('onTaskUpdate', amend(remarked(update, remarks), file, record, undefined))
  }

  async function announce(path: string): Promise<RunnerTestFile> {
    const file = emptyModule({
      id: project.createSpecification(path).taskId,
      name: nameOf(path),
      filepath: path,
      projectName: project.name,
      pool: project.config.pool,
    })
    await link.call('onQueued', [file])
    await link.call('onCollected', [[file]])
    return file
  }

  /** What Vitest's own runner does in the worker after a failed test. */
  function stopAfterFailures(): void {
    const { bail = 0 } = project.config
    const { vitest } = project
    if (bail > 0 && vitest.state.getCountOfFailedTests() >= bail) void vitest.cancelCurrentRun('test-failure')
  }

  return {
    get teardownError() {
      return teardownError
    },
    run(start, run) {
      running ??= runFile(start, run)
      return running
    },
    forward(message) {
      if (isReply(message) && link.settle(message)) return
      if (early !== undefined && !isReply(message)) early.push(message)
      else worker?.send(message)
    },
    async abort() {
      aborted = true
      link.close()
      worker?.kill(cancelled)
      await running
    },
  }
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const done = new AbortController()
  const timeout = sleep(milliseconds, undefined, { signal: done.signal }).catch(() => undefined)
  try {
    return await Promise.race([promise, timeout])
  } finally {
    done.abort()
  }
}
