import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox()],
  test: { pool: process.env.PLAIN ? 'forks' : undefined, maxWorkers: 1 },
})
