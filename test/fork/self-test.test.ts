/** Before workers are forked they prove, once for each Node.js, that they can do what fresh ones can. A Node.js that fails is simulated. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { type Injection, injection } from './inject.js'
import { forked, fresh, open, run } from './session.js'

requires('userns', 'cc')

/** One session, one file. */
async function session(
  worker: 'auto' | 'fork',
  { env, visible }: Injection,
): Promise<{ answer: unknown; notice: string | undefined }> {
  const session = await open(worker, { env, visible, maxWorkers: 1 })
  const answer = await run(session)
  const notice = session.notices.find((each) => each.includes('fork'))
  await session.close()
  return { answer, notice }
}

test.each([
  ['cannot do something', 'getaddrinfo hang', 'dns: not done within 10 s'],
  ['break down', 'getaddrinfo kill', 'it ended by SIGKILL before it answered'],
  [
    'take their template with them',
    'forked kill',
    'its template died, or hung, when its first workers were forked',
  ],
  ['never come to be', 'setns refuse', 'The sandbox failed at template-setns: ENOMEM'],
])('where forked workers %s, files get fresh ones, with a notice', async (_, fault, reason) => {
  const faults = injection()
  faults.set(fault)
  const { answer, notice } = await session('auto', faults)
  expect(answer).toEqual(fresh)
  expect(notice).toMatch(/^Workers are started afresh instead of being forked from a template: /)
  expect(notice).toContain(reason)
})

test('where they must be forked, that is an error, which says why and what to do', async () => {
  const faults = injection()
  faults.set('getaddrinfo kill')
  await expect(session('fork', faults)).rejects.toMatchObject({
    code: 'GLOVEBOX_SANDBOX',
    message: expect.stringMatching(
      /cannot be forked from a template: .*self-test: it ended by SIGKILL.*`worker: 'auto'` starts them afresh/,
    ),
  })
})

test('it takes place once; what it proved is believed by later sessions, but not if the file is damaged', async () => {
  const faults = injection()
  const proofs = () => {
    try {
      return readdirSync(faults.proofs)
    } catch {
      return []
    }
  }
  faults.set('getaddrinfo kill')
  expect(await session('auto', faults)).toMatchObject({ answer: fresh })
  expect(proofs()).toEqual([])

  faults.set('')
  expect(await session('auto', faults)).toEqual({ answer: forked, notice: undefined })
  const [name, ...more] = proofs()
  expect(more).toEqual([])

  faults.set('getaddrinfo kill')
  expect(await session('auto', faults)).toEqual({ answer: forked, notice: undefined })

  writeFileSync(join(faults.proofs, name as string), 'damaged')
  expect(await session('auto', faults)).toMatchObject({ answer: fresh })
})

test('sessions that begin at the same time do not disturb each other', async () => {
  const faults = injection()
  const sessions = await Promise.all(Array.from({ length: 3 }, () => session('auto', faults)))
  for (const each of sessions) expect(each).toEqual({ answer: forked, notice: undefined })
  expect(readdirSync(faults.proofs)).toHaveLength(1)
})
