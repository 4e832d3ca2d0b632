// node warm-traces.mjs DIST_OF_VITEST ENVIRONMENT CONFIG: warms this process as a template is warmed, but for the environment that is set up ahead, and
// prints what is otherwise than before.
import { createRequire, registerHooks } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { changedGlobals, globalsNow } from '../../packages/vitest-plugin/dist/globals.js'
import { loadVitest } from '../../packages/vitest-plugin/dist/vitest-runtime.js'
import { warm } from '../../packages/vitest-plugin/dist/warm.js'

const [distPath, environment, config] = process.argv.slice(2)
await loadVitest(distPath)
for (const key of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, key)
const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
const { exit } = process
const before = state()
const globals = globalsNow()
await warm(
  {
    distPath,
    config,
    environment: { name: environment, options: null },
    ahead: false,
  },
  { modules: [], load: async () => {} },
)
// Vitest throttles its updates.
for (let i = 0; i < 100 && process.getActiveResourcesInfo().includes('Timeout'); i++)
  await sleep(20).then(turn)
const after = state()
process.stdout.write(
  JSON.stringify({
    globals: changedGlobals(globals).map(String).sort(),
    loaded: loaded
      .filter((url) => !url.startsWith('node:'))
      .map((url) => url.replace(/.*\/node_modules\//, '')),
    changed: Object.fromEntries(
      Object.keys(after)
        .filter((key) => JSON.stringify(after[key]) !== JSON.stringify(before[key]))
        .map((key) => [key, [before[key], after[key]]]),
    ),
  }),
)

async function turn() {
  await new Promise((resolve) => setImmediate(resolve))
}

function state() {
  return {
    listeners: Object.fromEntries(
      process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    ),
    resources: process.getActiveResourcesInfo().sort(),
    handles: process._getActiveHandles().length,
    requests: process._getActiveRequests().length,
    env: Object.keys(process.env),
    cwd: process.cwd(),
    umask: process.umask(),
    exit: process.exit === exit,
    exitCode: process.exitCode ?? null,
    commonjs: Object.keys(createRequire(import.meta.url).cache),
  }
}
