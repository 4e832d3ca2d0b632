import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

const small = { memory: '200MiB' }
const overrides = [
  { files: ['heap', 'buffers', 'child', 'shm', 'tmp'].map((name) => `${name}.test.js`), limits: small },
  { files: 'disk.test.js', limits: { disk: '32MiB' } },
  { files: ['forks', 'bomb'].map((name) => `${name}.test.js`), limits: { pids: 64 } },
  { files: 'loop.test.js', limits: { timeout: '4s' } },
]
// Only a cgroup can hold a processor back.
if (process.env.CPU_LIMIT) overrides.push({ files: 'busy.test.js', limits: { cpus: 0.25 } })

export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox({ overrides, report: { json: 'glovebox.json' } })],
  test: { pool: process.env.PLAIN ? 'forks' : undefined, maxWorkers: 3, testTimeout: 60_000 },
})
