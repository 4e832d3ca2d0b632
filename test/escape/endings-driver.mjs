// @ts-check
/**
 * Carries out the acts that need a sandbox each, in sandboxes one after another or (`worker: 'none'`) here, and prints what became of
 * them as JSON: node endings-driver.mjs SPEC
 * @import { EndingOutcome } from './types.js'
 */
import { endings } from './acts/endings.mjs'
import { outcomeOf } from './perform.mjs'
import { open } from './session.mjs'

const { worker, targets, only } = JSON.parse(process.argv[2] ?? '')
const wanted = Object.values(endings)
  .flat()
  .filter(({ name }) => only.includes(name))
const aim = { ...targets, runner: process.pid }

/** @returns {Promise<EndingOutcome[]>} */
async function sandboxed() {
  const session = await open(worker, targets.project)
  const outcomes = []
  for (const { name, short } of wanted) {
    const host = await session.worker(
      await session.profile(`${targets.project}/${short ? 'short' : 'a'}.test.js`),
    )
    host.onOutput(() => {})
    /** @type {Promise<string>} */
    const answer = new Promise((resolve) =>
      host.onMessage((message) => {
        if (message !== null && typeof message === 'object' && 'answer' in message)
          resolve(String(message.answer))
      }),
    )
    host.send({ ending: name, targets: aim })
    const said = await Promise.race([answer, host.ended.then(() => undefined)])
    const { verdict, leaks } = await host.finish(said === undefined ? undefined : 'passed')
    outcomes.push({ name, answer: said, verdict, leaks })
  }
  await session.close()
  return outcomes
}

async function plain() {
  const outcomes = []
  for (const { name, act, control } of wanted) {
    const nobody = { send: () => {}, onMessage: () => () => {}, onClose: () => {} }
    outcomes.push({ name, answer: await outcomeOf(() => (control ? control(aim) : act(aim, nobody))) })
  }
  return outcomes
}

console.log(JSON.stringify(await (worker === 'none' ? plain() : sandboxed())))
process.exit(0)
