/** Many sandboxes, at once and in a row. GLOVEBOX_LOAD=full: 64 at once, again and again, for ten minutes; 5,000 in a row. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSession, type Session } from '../../packages/core/dist/adapter.js'
import { descendants, descriptorsOf, leftoversLater, ourCgroups, snapshot } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'

const full = process.env.GLOVEBOX_LOAD === 'full'
const atOnce = full ? 64 : 24
const inARow = full ? 5000 : 80
const patience = (full ? 120 : 5) * 60_000
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

async function open(maxWorkers: number): Promise<Session> {
  const session = await openSession({
    options: { worker: 'fork', onUnsupported: 'warn', limits: { memory: '128MiB', timeout: 'none' } },
    source: 'test',
    runner: 'vitest',
    root: here('.'),
    maxWorkers,
    workerEntry: here('worker.mjs'),
    execArgv: [],
    env: { PATH: process.env.PATH },
    visible: [],
    shared: [],
    persist: [],
  })
  onTestFinished(() => session.close())
  return session
}

/** The word, as it came back. */
async function file(session: Session, word: string): Promise<unknown> {
  const host = await session.worker(await session.profile(here('load.test.ts')))
  const answer = new Promise((resolve) =>
    host.onMessage((message) => {
      if (message !== null && typeof message === 'object' && 'word' in message) resolve(message.word)
    }),
  )
  host.send(word)
  const said = await Promise.race([answer, host.ended])
  const { verdict } = await host.finish('passed')
  return verdict.kind === 'passed-through' ? said : verdict
}

describe('load', () => {
  requires('root')

  test(
    'many at once: each has its own answer',
    async () => {
      const before = snapshot()
      const session = await open(atOnce)
      const end = Date.now() + (full ? 600_000 : 0)
      do {
        const words = Array.from({ length: atOnce }, (_, index) => `word ${index}`)
        expect(await Promise.all(words.map((word) => file(session, word)))).toEqual(words)
      } while (Date.now() < end)
      await session.close()
      expect(await leftoversLater(before, 'nobody')).toEqual([])
    },
    patience,
  )

  test(
    'many in a row: nothing grows',
    async () => {
      const session = await open(2)
      const once = (index: number) => file(session, `word ${index}`)
      for (let i = 0; i < 20; i++) await once(i)
      const before = census()
      for (let i = 0; i < inARow; i++) expect(await once(i)).toBe(`word ${i}`)
      const after = census()
      for (const [what, count] of Object.entries(before)) {
        // Sandboxes that are prepared ahead come and go.
        expect(after[what], what).toBeLessThanOrEqual(count + 30)
      }
    },
    patience,
  )
})

/** What there is of each kind. */
function census(): Record<string, number> {
  const processes = descendants(process.pid)
  return {
    processes: processes.length,
    'descriptors of the runner': readdirSync('/proc/self/fd').length,
    'descriptors below it': processes.reduce((sum, pid) => sum + descriptorsOf(pid).length, 0),
    cgroups: ourCgroups().length,
  }
}
