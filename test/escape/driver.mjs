// @ts-check
/** Carries out acts, here (`worker: 'none'`) or in the worker of a sandbox, and prints the outcomes as JSON: node driver.mjs SPEC */
import { groups } from './acts/all.mjs'
import { perform } from './perform.mjs'
import { open } from './session.mjs'

const { worker, targets, only } = JSON.parse(process.argv[2] ?? '')
const aim = { ...targets, runner: process.pid }

async function sandboxed() {
  const session = await open(worker, targets.project)
  const host = await session.worker(await session.profile(`${targets.project}/a.test.js`))
  let stderr = ''
  host.onOutput((_, chunk) => {
    stderr += chunk
  })
  // What the worker has to tell of refused connections comes the same way.
  const answer = new Promise((resolve) =>
    host.onMessage((message) => {
      if (message !== null && typeof message === 'object' && 'outcomes' in message) resolve(message.outcomes)
    }),
  )
  host.send({ acts: only, targets: aim })
  const outcomes = await Promise.race([answer, host.ended.then((ending) => ({ ending, stderr }))])
  const { verdict } = await host.finish('passed')
  await session.close()
  return { outcomes, verdict }
}

async function plain() {
  const wanted = Object.values(groups)
    .flat()
    .filter(({ name }) => only.includes(name))
  return { outcomes: await perform(wanted, aim, 'control'), verdict: { kind: 'passed-through' } }
}

console.log(JSON.stringify(await (worker === 'none' ? plain() : sandboxed())))
