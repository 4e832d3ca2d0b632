import { createServer } from 'node:net'
import glovebox from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

// By the same version of Node.js as the tests: they do not agree on how long such a name is.
createServer()
  .listen({ path: `\0${process.env.HOST_ABSTRACT}` })
  .unref()

export default defineConfig({
  plugins: process.env.PLAIN ? [] : [glovebox()],
  test: {
    pool: process.env.PLAIN ? 'forks' : undefined,
    maxWorkers: 1,
    env: { RUNNER_PID: String(process.pid) },
  },
})
