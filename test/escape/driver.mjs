// @ts-check
/** Carries out acts, here (`worker: 'none'`) or in the worker of a sandbox, and prints the outcomes as JSON: node driver.mjs SPEC */
import { fileURLToPath } from 'node:url'
import { openSession } from '@glovebox/core/adapter'
import { groups } from './acts/all.mjs'
import { perform } from './perform.mjs'

const { worker, targets, only } = JSON.parse(process.argv[2] ?? '')
const here = fileURLToPath(new URL('.', import.meta.url))

async function sandboxed() {
  const session = await openSession({
    options: { worker, onUnsupported: 'warn', limits: { memory: '512MiB', timeout: '60s' } },
    source: 'driver',
    runner: 'vitest',
    root: targets.project,
    maxWorkers: 1,
    workerEntry: fileURLToPath(new URL('entry.mjs', import.meta.url)),
    execArgv: [],
    env: process.env,
    visible: [here, process.execPath],
    shared: [],
    persist: [],
  })
  const host = await session.worker(await session.profile(`${targets.project}/a.test.js`))
  let stderr = ''
  host.onOutput((stream, chunk) => {
    if (stream === 'stderr') stderr += chunk
  })
  // What the worker has to tell of refused connections comes the same way.
  const answer = new Promise((resolve) =>
    host.onMessage((message) => Array.isArray(message) && resolve(message)),
  )
  host.send({ acts: only, targets: { ...targets, runner: process.pid } })
  const outcomes = await Promise.race([answer, host.ended.then((ending) => ({ ending, stderr }))])
  const { verdict } = await host.finish('passed')
  await session.close()
  return { outcomes, verdict, notices: session.notices }
}

async function plain() {
  const outcomes = await perform(
    Object.values(groups)
      .flat()
      .filter(({ name }) => only.includes(name)),
    { ...targets, runner: process.pid },
    'control',
  )
  return { outcomes, verdict: { kind: 'passed-through' }, notices: [] }
}

console.log(JSON.stringify(await (worker === 'none' ? plain() : sandboxed())))
