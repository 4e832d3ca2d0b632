import os from 'node:os'
import { glovebox } from '@glovebox/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** A name that resolves outside of the sandbox, whatever the machine is called. */
const name = os.hostname()

export default defineConfig({
  plugins: [
    glovebox({
      overrides: [
        {
          files: '**/resolves-a-name.test.js',
          network: { allow: [`${name}:80`] },
          env: { set: { CORPUS_HOST: name } },
        },
        { files: '**/needs-service.test.js', network: { forward: ['47813'] } },
      ],
    }),
  ],
})
