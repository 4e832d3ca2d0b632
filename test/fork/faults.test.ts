/** What happens to files when their template fails them. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { descendants } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { ask, forked, fresh, open, run, start, templates } from './session.js'

requires('userns')

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

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
  expect(await ask(next, 'isForked')).toEqual(forked)
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

test('a template that does not answer is replaced, and the file runs', async () => {
  const session = await open('auto')
  await (await start(session)).finish('passed')
  const workers = [await start(session), await start(session)] // no prepared one is left, or only one
  const [template] = templates() as [number]
  process.kill(template, 'SIGSTOP')
  workers.push(await start(session), await start(session), await start(session))
  for (const worker of workers) expect(await ask(worker, 'asyncFiles')).toBe('content')
  await waitFor('the template to be gone', () => !templates().includes(template))
  for (const worker of workers) await worker.finish('passed')
})

test('a prepared worker that is killed holds nobody up', async () => {
  const session = await open('fork', { maxWorkers: 1 })
  expect(await run(session)).toEqual(forked)
  const [template] = templates() as [number]
  const prepared = await waitFor('a prepared worker', () => {
    const [worker, ...more] = descendants(template)
    return more.length === 0 ? worker : undefined
  })
  process.kill(prepared, 'SIGKILL')
  // It may be noticed, or be too late for that: then this file is told how its worker ended.
  expect([forked, { cause: 'exit', code: undefined, signal: 'SIGKILL' }]).toContainEqual(await run(session))
  expect(await run(session)).toEqual(forked)
})

test('a template that cannot be warmed up leaves files to workers that are started afresh, and says why', async () => {
  const session = await open('auto', { workerEntry: here('broken-entry.mjs') })
  const worker = await start(session)
  expect(await ask(worker, 'isForked')).toEqual(fresh)
  await worker.finish('passed')
  expect(session.notices.join('\n')).toMatch(
    /started afresh instead of being forked .*this cannot be warmed up/,
  )
})
