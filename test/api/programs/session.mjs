// @ts-check
/** Opens a session as an adapter does, plays one scenario, and prints what came of it as JSON. */
import { openSession } from '@glovebox/core/adapter'
import { scenarios } from './scenarios.mjs'

const {
  scenario,
  root,
  options,
  execArgv = [],
  persist = [],
  maxWorkers = 2,
} = JSON.parse(process.argv[2] ?? '')

const session = await openSession({
  options,
  source: 'vitest.config.ts',
  runner: 'vitest',
  root,
  maxWorkers,
  workerEntry: `${root}/worker.mjs`,
  execArgv,
  env: process.env,
  visible: [],
  shared: [],
  persist,
})
const play = scenarios[/** @type {keyof typeof scenarios} */ (scenario)]
try {
  console.log(JSON.stringify(await play(session, root)))
} finally {
  if (scenario !== 'neverClosed') await session.close()
}
