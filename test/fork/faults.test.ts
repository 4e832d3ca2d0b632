/** What happens to files when their template fails them. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openSession, type SandboxedWorker, type Session } from '../../packages/core/dist/adapter.js'
import { descendants, descriptorsOf } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'

requires('userns')

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

async function open(worker: 'auto' | 'fork', entry = './entry.mjs', warm?: unknown): Promise<Session> {
  const session = await openSession({
    options: { worker, onUnsupported: 'warn', limits: { memory: '512MiB', timeout: '20s' } },
    source: 'test',
    runner: 'vitest',
    root: here('.'),
    maxWorkers: 2,
    workerEntry: here(entry),
    warm,
    execArgv: [],
    env: { PATH: process.env.PATH },
    visible: [],
    shared: [],
    persist: [],
  })
  onTestFinished(() => session.close())
  return session
}

async function start(session: Session): Promise<SandboxedWorker> {
  return session.worker(await session.profile(here('./probes.mjs')))
}

/** Asks for a probe; what it returned, or how the worker ended. */
async function ask(worker: SandboxedWorker, probe: string): Promise<unknown> {
  return new Promise((resolve) => {
    worker.onMessage(resolve)
    void worker.ended.then(({ cause, code, signal }) => resolve({ cause: cause.kind, code, signal }))
    worker.send({ probe })
  })
}

/** Templates of this process's sessions: below the supervisor, and in no sandbox's PID namespace. */
function templates(): number[] {
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

const isForked = { value: 'forked' }

test('a worker outlives its template, and the next one comes from a new template', async () => {
  const session = await open('fork')
  const worker = await start(session)
  expect(await ask(worker, 'asyncFiles')).toBe('content')
  const [template] = templates()
  expect(template).toBeGreaterThan(0)
  process.kill(template as number, 'SIGKILL')
  expect(await ask(worker, 'childProcesses')).toEqual(['out\n', 3, 'SIGKILL'])
  expect((await worker.finish('passed')).verdict).toEqual({ kind: 'passed-through' })
  const next = await start(session)
  expect(await ask(next, 'isForked')).toEqual(isForked)
  expect((await next.finish('passed')).verdict).toEqual({ kind: 'passed-through' })
  expect(templates()).not.toContain(template)
})

test('the exit status of a worker whose template has died is exact', async () => {
  const session = await open('fork')
  const worker = await start(session)
  await ask(worker, 'asyncFiles')
  for (const pid of templates()) process.kill(pid, 'SIGKILL')
  expect(await ask(worker, 'exits')).toMatchObject({ code: 3 })
  expect((await worker.finish(undefined)).verdict).toEqual({ kind: 'exited', code: 3 })
})

test('a template that stands still holds up no file that has begun, and dies with the session', async () => {
  const session = await open('fork')
  const worker = await start(session)
  await ask(worker, 'asyncFiles')
  const [template] = templates() as [number]
  process.kill(template, 'SIGSTOP')
  expect(await ask(worker, 'structuredMessages')).toBeUndefined()
  await session.close()
  await waitFor('the template to be gone', () => templates().length === 0)
})

test('a template that cannot be warmed up leaves files to workers that are started afresh, and says why', async () => {
  const session = await open('auto', './broken-entry.mjs')
  const worker = await start(session)
  expect(await ask(worker, 'isForked')).toEqual({ value: 'fresh' })
  await worker.finish('passed')
  expect(session.notices.join('\n')).toMatch(
    /started afresh instead of being forked .*this cannot be warmed up/,
  )
})

test('a hundred workers in a row leave nothing open in supervisor or template', async () => {
  const session = await open('fork')
  const run = async () => {
    const worker = await start(session)
    expect(await ask(worker, 'isForked')).toEqual(isForked)
    await worker.finish('passed')
  }
  for (let i = 0; i < 10; i++) await run()
  const count = () => Math.max(...templates().map((pid) => descriptorsOf(pid).length))
  const before = count()
  for (let i = 0; i < 90; i++) await run()
  await waitFor('descriptors to be closed', () => count() <= before + 2)
})
