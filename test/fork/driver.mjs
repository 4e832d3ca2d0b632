// Runs probes in workers of one kind, with the Node.js that it runs on, and prints what came out as JSON:
//   node driver.mjs '{"worker":"fork","probes":[["identity",null]],"execArgv":[]}'
import { fileURLToPath } from 'node:url'
import { openSession } from '../../packages/core/dist/adapter.js'

const here = fileURLToPath(new URL('.', import.meta.url))
const {
  worker,
  probes,
  execArgv = [],
  limits = {},
  preload = [],
  root = here,
  entry = 'entry.mjs',
  file = 'probes.mjs',
} = JSON.parse(process.argv[2])

const session = await openSession({
  options: {
    worker,
    preload,
    limits: { memory: '512MiB', timeout: '30s', ...limits },
    onUnsupported: 'warn',
  },
  source: 'driver',
  runner: 'vitest',
  root,
  maxWorkers: 1,
  workerEntry: fileURLToPath(new URL(entry, import.meta.url)),
  execArgv,
  env: { PATH: process.env.PATH, HOME: process.env.HOME, PROBE: 'set by the driver' },
  visible: [here, root, process.execPath],
  shared: [],
  persist: [],
})

const outcomes = []
for (const [probe, argument] of probes) {
  const host = await session.worker(await session.profile(fileURLToPath(new URL(file, import.meta.url))))
  const output = { stdout: '', stderr: '' }
  host.onOutput((stream, chunk) => {
    output[stream] += chunk
  })
  const result = await new Promise((resolve) => {
    host.onMessage((value) => resolve({ value }))
    void host.ended.then(() => resolve({}))
    host.send({ probe, argument })
  })
  const ended = probe in result ? undefined : host.ended
  const { verdict, leaks } = await host.finish('passed')
  const { code, signal } = await (ended ?? host.ended)
  outcomes.push({ probe, ...result, output, verdict, leaks, code, signal })
}
console.log(JSON.stringify({ outcomes, notices: session.notices }))
await session.close()
