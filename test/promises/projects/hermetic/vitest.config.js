import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

// PLAIN=1 is the positive control: the same files without the one line.
export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox()],
  test: { pool: process.env.PLAIN ? 'forks' : undefined, maxWorkers: Number(process.env.WORKERS ?? 2) },
})
