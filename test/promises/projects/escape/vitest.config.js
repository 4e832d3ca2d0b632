import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { maxWorkers, options } from './settings.js'

export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox(options)],
  test: { pool: process.env.PLAIN ? 'forks' : undefined, maxWorkers },
})
