// node fork-loop.js COUNT one|all: makes COUNT sandboxes, then forks a worker into each, one after another or all at once, and tells over
// IPC where the part to be measured begins and ends.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readHostFacts } from '../../packages/core/dist/host/facts.js'
import { createPlanner } from '../../packages/core/dist/plan/planner.js'
import { Sandbox } from '../../packages/core/dist/sandbox/sandbox.js'
import { Supervisor } from '../../packages/core/dist/sandbox/supervisor.js'
import { Templates } from '../../packages/core/dist/session/templates.js'

const [count, order] = process.argv.slice(2)
const options = { limits: { memory: '128MiB' }, onUnsupported: 'warn' }
const { base, preload } = createPlanner({
  options,
  source: 'bench',
  root: process.cwd(),
  host: readHostFacts(),
})
const supervisor = await Supervisor.launch({ stdio: 'null' })
const entry = fileURLToPath(new URL('./idle-entry.js', import.meta.url))
const templates = new Templates({
  supervisor,
  base,
  preload,
  onUnavailable(reason) {
    throw new Error(reason)
  },
})
const template = await templates.get({ entry, execArgv: [] })

await forks(Math.min(16, Number(count)), async () => {})
await forks(Number(count), mark)
await supervisor.close()
process.disconnect()

async function forks(count, tell) {
  const sandboxes = []
  for (let i = 0; i < count; i++)
    sandboxes.push(await Sandbox.create(supervisor, base, { stdio: 'null', channel: true, limits: 'now' }))
  await tell('begin')
  if (order === 'all') await Promise.all(sandboxes.map(fork))
  else for (const sandbox of sandboxes) await fork(sandbox)
  await tell('end')
  await Promise.all(sandboxes.map((sandbox) => sandbox.destroy()))
}

/** Resolves once the worker is in its sandbox. */
async function fork(sandbox) {
  const { env, cwd, umask } = base
  const pid = await sandbox.start({ command: ['node', 'script'], env, cwd, umask, template })
  if (pid === undefined) throw new Error('a worker was not forked')
}

async function mark(name) {
  process.send(name)
  await once(process, 'message')
}
