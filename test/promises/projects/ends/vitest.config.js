import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox({ report: { json: 'glovebox.json' } })],
  test: { pool: process.env.PLAIN ? 'forks' : undefined, maxWorkers: 2 },
})
