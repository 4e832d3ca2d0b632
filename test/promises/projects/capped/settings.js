/** For both runners. */
const small = { memory: '200MiB' }
const overrides = [
  { files: ['heap', 'buffers', 'child', 'shm', 'tmp'].map((name) => `${name}.test.js`), limits: small },
  { files: 'disk.test.js', limits: { disk: '32MiB' } },
  { files: ['forks', 'bomb'].map((name) => `${name}.test.js`), limits: { pids: 64 } },
  { files: 'loop.test.js', limits: { timeout: '4s' } },
]
// Only a cgroup can hold a processor back.
if (process.env.CPU_LIMIT) overrides.push({ files: 'busy.test.js', limits: { cpus: 0.25 } })

export const options = { overrides, report: { json: 'glovebox.json' } }
export const maxWorkers = 3
export const testTimeout = 60_000
