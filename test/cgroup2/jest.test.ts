/** Jest on cgroup v2. */
import { describe } from 'vitest'
import { failsAsItself } from './suite.js'

describe.each(['a user with a delegated cgroup'] as const)('as %s', (caller) =>
  failsAsItself(caller, {
    needs: 'jest30',
    project: {
      jest: '30',
      files: {
        'package.json': '{ "private": true }',
        'jest.config.js': `
          const { withGlovebox } = require('@glovebox/jest-env')
          module.exports = withGlovebox(
            { maxWorkers: 1, testTimeout: 60_000, transform: {}, cacheDirectory: '<rootDir>/.jest-cache' },
            { limits: { memory: '192MiB', pids: 64 } },
          )`,
      },
    },
    command: 'node node_modules/jest/bin/jest.js --json --outputFile=$V2VM_OUT/result',
  }),
)
