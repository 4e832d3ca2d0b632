// node sandbox-loop.js COUNT default|plain true|none [OPTIONS]: makes and destroys sandboxes one after another in one session, and tells
// over IPC where the part to be measured begins and ends.
import { once } from 'node:events'
import { readHostFacts } from '../../packages/core/dist/host/facts.js'
import { createPlanner } from '../../packages/core/dist/plan/planner.js'
import { Sandbox } from '../../packages/core/dist/sandbox/sandbox.js'
import { Supervisor } from '../../packages/core/dist/sandbox/supervisor.js'

const [count, mounts, command, options = '{}'] = process.argv.slice(2)
const planner = createPlanner({
  options: JSON.parse(options),
  source: 'bench',
  root: process.cwd(),
  host: readHostFacts(),
})
const profile = mounts === 'plain' ? plain(planner.base) : planner.base

const supervisor = await Supervisor.launch({ stdio: 'null' })
// A session is long: what V8 compiles at its beginning is not part of the figure.
await sandboxes(100)
await mark('begin')
await sandboxes(Number(count))
await mark('end')
await supervisor.close()
process.disconnect()

async function sandboxes(count) {
  for (let made = 0; made < count; made++) {
    const sandbox = await Sandbox.create(supervisor, profile, {
      stdio: 'null',
      channel: false,
      limits: 'now',
    })
    if (command === 'true') {
      const { ended } = await sandbox.run('/bin/true')
      const { cause, code } = await ended
      if (cause.kind !== 'exit' || code !== 0)
        throw new Error(`/bin/true ended by ${cause.kind} with ${code}`)
    }
    await sandbox.destroy()
  }
}

/** The same root as the command line of bwrap in suites/sandbox.js. */
function plain(profile) {
  const root = { type: 'bind', source: '/', target: '/', readonly: true }
  return {
    ...profile,
    cwd: '/',
    mounts: [root, { type: 'proc', target: '/proc' }, { type: 'dev', target: '/dev' }],
  }
}

async function mark(name) {
  process.send(name)
  await once(process, 'message')
}
