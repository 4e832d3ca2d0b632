/** Runs the projects, which are written for Vitest, by Jest: added to each of them where a promise is tested with Jest. */
import { existsSync } from 'node:fs'
import { withGlovebox } from '@glovebox/jest-env'

export default async () => {
  const settings = existsSync('settings.js') ? await import('./settings.js') : {}
  const { maxWorkers = Number(process.env.WORKERS ?? 2), options = {}, testTimeout = 60_000 } = settings
  const config = {
    maxWorkers,
    testTimeout,
    moduleNameMapper: { '^vitest$': '<rootDir>/vitest.cjs' },
    transform: {
      '\\.js$': ['babel-jest', { configFile: false, plugins: ['@babel/plugin-transform-modules-commonjs'] }],
    },
    ...(existsSync('set-up.js') && { setupFilesAfterEnv: ['./set-up.js'] }),
    ...(existsSync('global-set-up.js') && { globalSetup: './global-set-up.cjs' }),
  }
  return process.env.PLAIN ? config : withGlovebox(config, options)
}
