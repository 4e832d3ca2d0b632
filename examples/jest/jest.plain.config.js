import { join } from 'node:path'

// The suite of examples/vitest through Jest, not a line of it changed: `runner.js` stands for what its files import from Vitest.
export default {
  rootDir: join(import.meta.dirname, '../vitest'),
  testMatch: ['<rootDir>/test/**/*.test.js'],
  moduleNameMapper: { '^vitest$': join(import.meta.dirname, 'runner.js') },
  transform: {},
  maxWorkers: 2,
}
