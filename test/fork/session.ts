/** Sessions of forked workers for the tests of this folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import {
  openSession,
  type SandboxedWorker,
  type Session,
  type SessionOptions,
} from '../../packages/core/dist/adapter.js'
import { descendants } from '../harness/leftovers.js'

const here = fileURLToPath(new URL('.', import.meta.url))

/** With workers that answer probes; closed when the test is done. */
export async function open(
  worker: 'auto' | 'fork',
  more: Partial<SessionOptions> & { preload?: string[] } = {},
): Promise<Session> {
  const { preload = [], ...rest } = more
  const session = await openSession({
    options: { worker, preload, onUnsupported: 'warn', limits: { memory: '512MiB', timeout: '60s' } },
    source: 'test',
    runner: 'vitest',
    root: here,
    maxWorkers: 2,
    workerEntry: join(here, 'entry.mjs'),
    execArgv: [],
    env: { PATH: process.env.PATH },
    visible: [here],
    shared: [],
    persist: [],
    ...rest,
  })
  onTestFinished(() => session.close())
  return session
}

/** The worker of a file, which is any: workers answer whatever file they are for. */
export async function start(session: Session): Promise<SandboxedWorker> {
  return session.worker(await session.profile(join(here, 'probes.mjs')))
}

/** Asks for a probe; what it returned, or how the worker ended. */
export async function ask(worker: SandboxedWorker, probe: string): Promise<unknown> {
  return new Promise((resolve) => {
    worker.onMessage(resolve)
    void worker.ended.then(({ cause, code, signal }) => resolve({ cause: cause.kind, code, signal }))
    worker.send({ probe })
  })
}

/** One file from start to end; what its probe returned. */
export async function run(session: Session, probe = 'isForked'): Promise<unknown> {
  const worker = await start(session)
  const answer = await ask(worker, probe)
  await worker.finish('passed')
  return answer
}

export const forked = { value: 'forked' }
export const fresh = { value: 'fresh' }

/** Templates of this process's sessions: below the supervisor, and in no sandbox's PID namespace. */
export function templates(): number[] {
  return descendants(process.pid).filter((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      const depth = /^NSpid:(.*)$/m.exec(status)?.[1]?.trim().split(/\s+/).length
      return depth === 2 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker/template.js')
    } catch {
      return false
    }
  })
}
