/** The ways to switch Glovebox on, and what is said where they are not enough. */
import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createProject, eachCell, printed, run } from './support.js'

const probe = `
const { hostname } = require('os')
test('probe', () => console.log('AT', hostname(), typeof glovebox, typeof glovebox === 'object' && glovebox.limits.pids))`

const ways: [string, Record<string, string>][] = [
  [
    'preset',
    {
      'jest.config.js': `module.exports = { preset: '@glovebox/jest-env', testEnvironmentOptions: { glovebox: { limits: { pids: 77 } } } }`,
    },
  ],
  [
    'runner and environment by hand',
    {
      'jest.config.js': `module.exports = { runner: '@glovebox/jest-env/runner', testEnvironment: '@glovebox/jest-env/environment', testEnvironmentOptions: { glovebox: { limits: { pids: 77 } } } }`,
    },
  ],
  [
    'the runner alone',
    {
      'jest.config.js': `module.exports = { runner: '@glovebox/jest-env/runner', testEnvironmentOptions: { glovebox: { limits: { pids: 77 } } } }`,
    },
  ],
  [
    'jest.config.ts',
    {
      'jest.config.js': '',
      'jest.config.ts': `import type { Config } from 'jest'\nimport { withGlovebox } from '@glovebox/jest-env'\nconst config: Config = { testTimeout: 20_000 }\nexport default withGlovebox(config, { limits: { pids: 77 } })`,
    },
  ],
  [
    'an ES module',
    {
      'jest.config.js': '',
      'jest.config.mjs': `import { withGlovebox } from '@glovebox/jest-env'\nexport default withGlovebox(async () => ({ testTimeout: 20_000 }), { limits: { pids: 77 } })`,
    },
  ],
  [
    'a project',
    {
      'jest.config.js': `module.exports = { projects: [{ preset: '@glovebox/jest-env', testEnvironmentOptions: { glovebox: { limits: { pids: 77 } } } }] }`,
    },
  ],
]

eachCell((cell, available) => {
  test.each(ways)('%s: files are sandboxed, with their options', async (_, files) => {
    if (!available) return
    await using project = await createProject(cell, {
      'tsconfig.json': '{ "compilerOptions": { "module": "commonjs" } }',
      ...files,
      'a.test.js': probe,
    })
    if (files['jest.config.js'] === '') await rm(project.path('jest.config.js'))
    // Checking types of a configuration is ts-node's business, and slow.
    const result = await run(cell, project, [], { env: { TS_NODE_TRANSPILE_ONLY: 'true' } })
    expect(printed(result)).toContain('AT glovebox object 77')
    expect(result.stderr).not.toContain('Warning')
    expect(result.code).toBe(0)
  })

  test('the working directory is that of Jest, wherever the root is', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'inner/jest.config.js': `module.exports = { preset: '@glovebox/jest-env' }`,
      'inner/a.test.js': `test('a', () => expect(process.cwd()).toBe(require('path').dirname(__dirname)))`,
    })
    const result = await run(cell, project, ['--config=inner/jest.config.js'])
    expect(result.code, printed(result).slice(-3000)).toBe(0)
  })

  test('the options of the runner lie below those of a project', async () => {
    if (!available || cell.jest === '29.7') return
    await using project = await createProject(cell, {
      'jest.config.js': `module.exports = { runner: ['@glovebox/jest-env/runner', { limits: { pids: 55 }, hostname: 'tuple' }], testEnvironmentOptions: { glovebox: { limits: { pids: 77 } } } }`,
      'a.test.js': probe,
    })
    expect(printed(await run(cell, project))).toContain('AT tuple object 77')
  })

  test('the environment without the runner refuses to run, and says which line to add', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'jest.config.js': `module.exports = { testEnvironment: '@glovebox/jest-env/environment' }`,
      'a.test.js': probe,
    })
    const result = await run(cell, project)
    expect(printed(result)).toContain("runner: '@glovebox/jest-env/runner'")
    expect(printed(result)).not.toContain('AT ')
    expect(result.code).toBe(1)
  })

  test('an environment of the user can have what ours has', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'dom.js': `const { withGloveboxEnvironment } = require('@glovebox/jest-env')\nmodule.exports = withGloveboxEnvironment(require('jest-environment-jsdom').TestEnvironment)`,
      'a.test.js': `/** @jest-${'environment'} ./dom.js */\ntest('a', () => expect([typeof document, glovebox.hostname]).toEqual(['object', 'glovebox']))`,
    })
    const result = await run(cell, project)
    expect(result.code, printed(result).slice(-3000)).toBe(0)
  })

  test('a wrong option ends the run, and names itself', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'jest.config.js': `module.exports = { preset: '@glovebox/jest-env', testEnvironmentOptions: { glovebox: { limits: { memry: '1GiB' } } } }`,
      'a.test.js': probe,
    })
    const result = await run(cell, project)
    expect(printed(result)).toContain('limits.memry')
    expect(printed(result)).toContain('jest.config.js')
    expect(printed(result)).not.toMatch(/AT |node_modules/)
    expect(result.code).toBe(1)
  })
})
