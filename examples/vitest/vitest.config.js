import { glovebox } from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

// The same as vitest.plain.config.js, plus the plugin.
export default defineConfig({
  plugins: [glovebox()],
  test: { root: import.meta.dirname, include: ['test/**/*.test.js'], maxWorkers: 2 },
})
