import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [glovebox()],
  test: { maxWorkers: 2, testTimeout: 60_000 },
})
