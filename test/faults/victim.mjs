// @ts-check
/** A runner whose files leave daemons behind and take a moment each; prints a line of JSON for every file, or for its session if it got none. */
import { fileURLToPath } from 'node:url'
import { openSession } from '@glovebox/core/adapter'

const { worker, root, onUnsupported = 'warn', timeout = '20s' } = JSON.parse(process.argv[2] ?? '')
const opening = openSession({
  options: { worker, onUnsupported, limits: { memory: '256MiB', timeout } },
  source: 'victim',
  runner: 'vitest',
  root,
  maxWorkers: 2,
  workerEntry: fileURLToPath(new URL('victim-worker.mjs', import.meta.url)),
  execArgv: [],
  env: process.env,
  visible: [fileURLToPath(new URL('.', import.meta.url)), process.execPath],
  shared: [],
  persist: [],
})
const session = await opening.catch((reason) => {
  failed(reason)
  process.exit(1)
})

async function file() {
  const host = await session.worker(await session.profile(`${root}/a.test.js`))
  host.onOutput(() => {})
  const answer = new Promise((resolve) => host.onMessage(() => resolve(true)))
  console.log('"begun"')
  host.send('work')
  const answered = await Promise.race([answer, host.ended.then(() => false)])
  const { verdict } = await host.finish(answered ? 'passed' : undefined)
  console.log(JSON.stringify({ answered, verdict }))
}

for (let i = 0; i < 3; i++) {
  const outcomes = await Promise.allSettled([file(), file()])
  for (const outcome of outcomes) if (outcome.status === 'rejected') failed(outcome.reason)
}
await session.close()

/** @param {Error & { code?: string, stage?: string, errno?: number, path?: string }} reason */
function failed(reason) {
  // An error with a remedy has the fault as its cause.
  const { stage, errno, path } = Object.assign({}, reason, reason.cause)
  console.log(JSON.stringify({ error: reason.code ?? String(reason), stage, errno, path }))
}
