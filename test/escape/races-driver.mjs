// @ts-check
/**
 * One file swaps directories for symlinks while others have these directories bound into their sandboxes and copied back to: node races-driver.mjs SPEC
 * @import { SandboxedWorker } from '@glovebox/core/adapter'
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { open } from './session.mjs'

const { targets } = JSON.parse(process.argv[2] ?? '')
/** @type {{ project: string; outside: string; secret: string }} */
const { project, outside, secret } = targets
const shown = `${outside}/shown`
const snapshots = `${project}/snapshots`
const pairs = [
  [shown, dirname(secret)],
  [snapshots, dirname(secret)],
]
/** Whatever goes wrong, nothing of this stays. */
setTimeout(() => process.exit(1), 100_000).unref()
const session = await open('spawn', project, {
  entry: 'races-worker.mjs',
  persist: ['snapshots/**'],
  overrides: [
    { files: 'racer.test.js', filesystem: { project: 'direct', writable: [outside] } },
    { files: 'a.test.js', filesystem: { readonly: [shown] } },
  ],
})

/** @param {SandboxedWorker} worker */
const answerOf = (worker) => new Promise((resolve) => worker.onMessage(resolve))

const racer = await session.worker(await session.profile(`${project}/racer.test.js`))
const begun = answerOf(racer)
racer.send({ pairs })
await begun

/** How sandboxes of other files fared. */
const outcomes = new Set()
for (let round = 0; round < 10 || !outcomes.has('refused') || !outcomes.has('ENOENT'); round++) {
  session.beginRun([`${project}/a.test.js`])
  try {
    const worker = await session.worker(await session.profile(`${project}/a.test.js`))
    const answer = answerOf(worker)
    worker.send({ secret: `${shown}/secret`, snapshot: `${snapshots}/${round}.snap` })
    outcomes.add(/** @type {{ read: string }} */ (await answer).read)
    await worker.finish('passed')
  } catch (error) {
    const { code, stage } = /** @type {{ code?: string; stage?: string }} */ (error)
    outcomes.add(stage === 'mount-bind' || stage === 'write-back' ? 'refused' : `${code}, ${stage}`)
  }
}

/** The control: who goes by the path, on the host. */
let led = false
while (!led) {
  await new Promise(setImmediate)
  try {
    led = readFileSync(`${shown}/secret`).length > 0
  } catch {}
}
racer.kill('done')
await racer.finish(undefined)
await session.close()
console.log(JSON.stringify({ outcomes: [...outcomes], led }))
