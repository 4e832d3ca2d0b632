/** Something breaks in the middle of a fork: the file runs all the same where that is safe, and nothing hangs or is left behind. */
import { readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import type { Session } from '../../packages/core/dist/adapter.js'
import { descendants } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { type Injection, injection } from './inject.js'
import { ask, forked, fresh, open, run, start, templates } from './session.js'

requires('userns', 'cc')

/** A session whose template has proved itself, and has learned which pages a worker needs. */
async function proven(worker: 'auto' | 'fork'): Promise<{ session: Session; faults: Injection }> {
  const faults = injection()
  const session = await open(worker, { env: faults.env, visible: faults.visible, maxWorkers: 1 })
  for (let i = 0; i < 3; i++) expect(await run(session)).toEqual(forked)
  expect(readdirSync(faults.proofs)).toHaveLength(1)
  expect(session.notices.filter((notice) => notice.includes('fork'))).toEqual([])
  return { session, faults }
}

/** What files get from now on, one after another, until it is `wanted`: prepared workers were made before. */
async function runUntil(session: Session, wanted: unknown, ...also: unknown[]): Promise<void> {
  await waitFor(`a worker that answers ${JSON.stringify(wanted)}`, async () => {
    const answer = await run(session)
    expect([forked, fresh, wanted, ...also]).toContainEqual(answer)
    return JSON.stringify(answer) === JSON.stringify(wanted)
  })
}

const sandboxes = () => descendants(process.pid).length

test.each([
  ['killed while it enters the namespaces', 'setns kill', 'template-worker'],
  ['refused entry', 'setns refuse', 'template-setns.*ENOMEM'],
  ['not forked for want of memory', 'fork refuse', 'template-fork.*ENOMEM'],
  ['forked by a template that died before it could tell', 'forked kill', 'template died'],
])('a worker that is %s is started afresh, and then forked again', async (_, fault, reason) => {
  const { session, faults } = await proven('auto')
  faults.set(fault)
  await runUntil(session, fresh)
  expect(session.notices.join('\n')).toMatch(
    new RegExp(`A worker could not be forked, and was started afresh: .*${reason}`),
  )
  faults.set('')
  await runUntil(session, forked)
  await session.close()
  await waitFor('everything to be gone', () => sandboxes() === 0)
})

/** Moments between the end of a fork and the first line of a file. */
const unbegun = [
  ['takes its descriptors', 'descriptors'],
  ['populates its pages', 'populate'],
  ['is to read what it shall run', 'message'],
]

const replaced =
  /A forked worker died \(SIGKILL\) before .*probes\.mjs had begun in it: the file ran in another one/
const killed = { cause: 'exit', code: undefined, signal: 'SIGKILL' }

test.each(unbegun)(
  'a file whose worker is killed while it %s runs in one that is started afresh',
  async (_, moment) => {
    const { session, faults } = await proven('auto')
    faults.set(`${moment} kill`)
    await runUntil(session, fresh)
    expect(session.notices.join('\n')).toMatch(replaced)
    faults.set('')
    await runUntil(session, forked)
  },
)

test('where workers must be forked, the file runs in the next fork', async () => {
  const { session, faults } = await proven('fork')
  faults.set('message kill once')
  await waitFor('a worker to have been replaced', async () => {
    expect(await run(session)).toEqual(forked)
    return replaced.test(session.notices.join('\n'))
  })
})

test('where the next one is killed, too, the file ends with the signal', async () => {
  const { session, faults } = await proven('fork')
  faults.set('message kill')
  await runUntil(session, killed)
  faults.set('')
  await runUntil(session, forked, killed)
})

test('a worker that exceeds the cap on memory while it populates its pages is told as that, and has no successor', async () => {
  const { session, faults } = await proven('auto')
  faults.set('populate eat')
  const verdict = await waitFor('a file that does not pass', async () => {
    const next = await start(session)
    const answer = await ask(next, 'isForked')
    const record = await next.finish(isDeepStrictEqual(answer, forked) ? 'passed' : undefined)
    return record.verdict.kind === 'passed-through' ? undefined : record.verdict
  })
  expect(verdict).toMatchObject({ kind: 'memory-limit', limit: 512 * 2 ** 20 })
  expect(session.notices.filter((notice) => notice.includes('died'))).toEqual([])
})

test('a file that has begun is not run again, whatever kills its worker', async () => {
  const { session, faults } = await proven('fork')
  faults.set('begun kill')
  await runUntil(session, killed)
  expect(session.notices.filter((notice) => notice.includes('died'))).toEqual([])
  faults.set('')
  await runUntil(session, forked, killed)
})

test('where workers must be forked, a file whose template dies gets its worker from the next', async () => {
  const { session, faults } = await proven('fork')
  const [first] = templates() as [number]
  faults.set('forked kill once')
  await waitFor('another template', async () => {
    expect(await run(session)).toEqual(forked)
    return !templates().includes(first)
  })
  expect(await run(session)).toEqual(forked)
})

test('a fork that hangs is given up with its template', async () => {
  const { session, faults } = await proven('auto')
  const [first] = templates() as [number]
  faults.set('setns hang once')
  await waitFor('another template', async () => {
    expect([forked, fresh]).toContainEqual(await run(session))
    return !templates().includes(first)
  })
  await runUntil(session, forked)
  await session.close()
  await waitFor('everything to be gone', () => sandboxes() === 0)
})
