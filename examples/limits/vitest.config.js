import { glovebox } from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [glovebox()],
  test: { root: import.meta.dirname, include: ['*.test.js'], maxWorkers: 2 },
})
