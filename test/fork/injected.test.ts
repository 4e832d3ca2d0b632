/** Something breaks in the middle of a fork: the file runs all the same where that is safe, and nothing hangs or is left behind. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Session } from '../../packages/core/dist/adapter.js'
import { descendants } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { type Injection, injection } from './inject.js'
import { forked, fresh, open, run, templates } from './session.js'

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
    expect([forked, fresh, ...also]).toContainEqual(answer)
    return JSON.stringify(answer) === JSON.stringify(wanted)
  })
}

const sandboxes = () => descendants(process.pid).length

test.each([
  ['killed while it enters the namespaces', 'setns kill', 'template-worker'],
  ['refused entry', 'setns refuse', 'template-setns.*ENOMEM'],
  ['killed while its pages are populated', 'populate kill', 'template-worker'],
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

test('a worker that is killed before it has its channel ends its file with the signal', async () => {
  const { session, faults } = await proven('fork')
  const killed = { cause: 'exit', code: undefined, signal: 'SIGKILL' }
  faults.set('descriptors kill')
  await runUntil(session, killed, killed)
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
