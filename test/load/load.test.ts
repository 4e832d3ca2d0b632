/** Many sandboxes, at once and in a row. GLOVEBOX_LOAD=full: 64 at once, again and again, for ten minutes; 5,000 in a row. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSession, type Session } from '../../packages/core/dist/adapter.js'
import { templates } from '../fork/session.js'
import {
  descendants,
  descriptorsOf,
  isFirstOfNamespace,
  leftoversLater,
  ourCgroups,
  ownerOf,
  snapshot,
} from '../harness/leftovers.js'
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
    'many at once: each has its own answer, and what is torn down does not pile up',
    async () => {
      const left = snapshot()
      const session = await open(atOnce)
      await file(session, 'first')
      const growth = observe()
      const end = Date.now() + (full ? 600_000 : 0)
      let files = 0
      do {
        const words = Array.from({ length: atOnce }, (_, index) => `word ${index}`)
        expect(await Promise.all(words.map((word) => file(session, word)))).toEqual(words)
        growth.look()
        files += atOnce
      } while (Date.now() < end)
      await session.close()
      console.log(`${files} files, ${atOnce} at once: ${growth}`)
      expect(growth.beyond(atOnce)).toEqual([])
      expect(await leftoversLater(left, 'nobody')).toEqual([])
    },
    patience,
  )

  test(
    'many in a row: nothing grows',
    async () => {
      const session = await open(2)
      const once = (index: number) => file(session, `word ${index}`)
      for (let i = 0; i < 20; i++) await once(i)
      const growth = observe()
      for (let i = 1; i <= inARow; i++) {
        expect(await once(i)).toBe(`word ${i}`)
        if (i % 20 === 0) growth.look()
      }
      console.log(`${inARow} in a row: ${growth}`)
      expect(growth.beyond(4)).toEqual([])
    },
    patience,
  )
})

/** What one sandbox that is prepared, or is just ending, may account for; memory may grow by that much in all, before it is collected. */
const perSandbox = {
  processes: 4,
  'descriptors of the runner': 8,
  'descriptors of the supervisor': 16,
  'descriptors of the template': 2,
  cgroups: 8,
  'mounts of the supervisor': 0,
}
const mebibytes = { 'MiB of the runner': 150, 'MiB of the supervisor': 2, 'MiB of the template': 20 }

/** Counts at first, halfway and at last, and at most over all looks: not at the end alone. */
function observe() {
  const looks = [census()]
  const most = (what: string) => Math.max(...looks.map((look) => look[what] ?? 0))
  const [first = {}] = looks
  return {
    look() {
      looks.push(census())
    },
    /** What grew beyond so many sandboxes. */
    beyond(sandboxes: number): string[] {
      const leeway: Record<string, number> = { ...mebibytes }
      for (const [what, count] of Object.entries(perSandbox)) leeway[what] = count * sandboxes
      return Object.entries(first)
        .filter(([what, count]) => most(what) > count + (leeway[what] ?? 0))
        .map(([what, count]) => `${what}: ${count}, then ${most(what)}`)
    },
    toString() {
      const told = [first, looks[Math.floor(looks.length / 2)], looks.at(-1)]
      return Object.keys(first)
        .map((what) => `${what} ${told.map((look) => look?.[what]).join(' → ')} (at most ${most(what)})`)
        .join(', ')
    },
  }
}

/** What there is of each kind. */
function census(): Record<string, number> {
  const processes = descendants(process.pid)
  const supervisor = processes.find(isFirstOfNamespace) ?? 0
  const [template = 0] = templates()
  return {
    processes: processes.length,
    'descriptors of the runner': readdirSync('/proc/self/fd').length,
    'descriptors of the supervisor': descriptorsOf(supervisor).length,
    'descriptors of the template': descriptorsOf(template).length,
    cgroups: ourCgroups()
      .filter((base) => processes.includes(ownerOf(base)))
      .reduce((sum, base) => sum + directoriesIn(base), 0),
    'mounts of the supervisor': readFileSync(`/proc/${supervisor}/mountinfo`, 'utf8').split('\n').length,
    'MiB of the runner': mebibytesOf(process.pid),
    'MiB of the supervisor': mebibytesOf(supervisor),
    'MiB of the template': mebibytesOf(template),
  }
}

function directoriesIn(path: string): number {
  return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).length
}

/** Of memory of its own that a process holds: what it shares with workers counts once they are gone, too. */
function mebibytesOf(pid: number): number {
  const kilobytes = /^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
