/** What is made ahead, a template and a worker in its sandbox, costs nothing while nobody asks for it. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { descendants } from '../harness/leftovers.js'
import { requires } from '../harness/requires.js'
import { waitFor } from '../harness/wait-for.js'
import { ask, forked, open, run, start, templates } from './session.js'

requires('userns')

/** Milliseconds in which none may run. V8 tidies up for a while after it has worked, so it takes some of them until one is quiet. */
const QUIET = 1000

/** How often the threads of all processes of the session have gone to sleep: who does not wake up does not, either. */
function sleeps(): number {
  return descendants(process.pid).reduce((sum, pid) => sum + sleepsOf(pid), 0)
}

function sleepsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8'))
      .reduce((sum, status) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]), 0)
  } catch {
    return 0 // it has ended meanwhile: not quiet yet
  }
}

test('supervisor, template, init and prepared worker do not run once while there is nothing to do', async () => {
  const session = await open('fork', { maxWorkers: 1 })
  expect(await run(session)).toEqual(forked)
  const [template] = templates() as [number]
  await waitFor('a prepared worker', () => descendants(template).length === 1)
  await waitFor('a moment in which nothing runs', async () => {
    const before = sleeps()
    await sleep(QUIET)
    return sleeps() === before
  })
  const before = sleeps()
  const worker = await start(session)
  expect(await ask(worker, 'isForked')).toEqual(forked)
  expect(sleeps()).toBeGreaterThan(before)
  await worker.finish('passed')
})
