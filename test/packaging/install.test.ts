/** The tarballs in an empty project, on a machine without a compiler: installed, typed, and running a suite in sandboxes. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { repository } from '../setup/matrix.mjs'
import { pack, packageNames, pathWithoutCompiler, plainEnv, run, scratchDirectory } from './packages.js'

const available = requires('userns', 'vitest4.1')

const runners = ['vitest@4.1.12', 'jest@30.5.2']
let scratch: Awaited<ReturnType<typeof scratchDirectory>>
let project: string
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  scratch = await scratchDirectory()
  if (!available) return
  project = join(scratch.path, 'project')
  await mkdir(project)
  env = { ...plainEnv(), PATH: await pathWithoutCompiler(scratch.path) }
  const tarballs = await Promise.all(packageNames.map((name) => pack(name, join(scratch.path, name))))
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  )
  await run(
    'npm',
    ['install', '--ignore-scripts', '--prefer-offline', ...tarballs, ...runners, '@types/node@20'],
    {
      cwd: project,
      env,
    },
  )
}, 300_000)
afterAll(() => scratch[Symbol.asyncDispose]())

test('there is no compiler on that PATH', async () => {
  await expect(
    run('sh', ['-c', 'cc --version || gcc --version || clang --version'], { env }),
  ).rejects.toThrow(/not found/)
})

test('a suite runs in sandboxes', async () => {
  await writeFiles(project, {
    'vitest.config.js': `
      import glovebox from '@glovebox/vitest-plugin'
      export default { plugins: [glovebox({ flaky: { history: 'glovebox.history.db' } })] }`,
    'a.test.js': `
      import { hostname } from 'node:os'
      import { expect, test } from 'vitest'
      test('is in a sandbox', () => expect(hostname()).toBe('glovebox'))`,
  })
  const { stdout } = await run(join(project, 'node_modules/.bin/vitest'), ['run'], {
    cwd: project,
    env: { ...env, NO_COLOR: '1' },
  })
  expect(stdout).toMatch(/Tests +1 passed/)
  const history = await run(join(project, 'node_modules/.bin/glovebox'), ['history', '--all'], {
    cwd: project,
    env,
  })
  expect(history.stdout).toContain('a.test.js › is in a sandbox')
})

test('a suite of Jest runs in sandboxes', async () => {
  await writeFiles(project, {
    'jest.config.cjs': `module.exports = { preset: '@glovebox/jest-env', testMatch: ['**/*.spec.cjs'] }`,
    'a.spec.cjs': `
      const { hostname } = require('node:os')
      test('is in a sandbox', () => expect(hostname()).toBe('glovebox'))`,
  })
  const { stderr } = await run(join(project, 'node_modules/.bin/jest'), [], { cwd: project, env })
  expect(stderr).toMatch(/Tests: +1 passed/)
})

test('the command runs a program in a sandbox', async () => {
  const glovebox = join(project, 'node_modules/.bin/glovebox')
  // An absolute path: the PATH of this test lies in /tmp, which the sandbox does not show.
  const command = ['/bin/cat', '/proc/sys/kernel/hostname']
  const { stdout } = await run(glovebox, ['run', '--hostname', 'sealed', '--', ...command], {
    cwd: project,
    env,
  })
  expect(stdout).toBe('sealed\n')
})

test('a project in TypeScript sees the types', async () => {
  await writeFiles(project, {
    'consumer.ts': `
      import glovebox from '@glovebox/vitest-plugin'
      import { createSandbox, GloveboxError } from '@glovebox/core'
      export const plugin = glovebox({ limits: { memory: '256MiB', pids: 64 }, overrides: [{ files: '**/*.slow.ts', network: 'host' }] })
      // @ts-expect-error: no such option
      export const misspelt = glovebox({ limit: {} })
      export { createSandbox, GloveboxError }`,
  })
  const tsc = join(repository, 'node_modules/.bin/tsc')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
  ]
  await run(tsc, [...options, '--types', 'node', 'consumer.ts'], { cwd: project })
})

test('npm ci of the repository without a compiler says what to install', async () => {
  const { stdout: files } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: repository, maxBuffer: 1 << 24 },
  )
  const checkout = join(scratch.path, 'checkout')
  for (const file of files.split('\0').filter(Boolean)) {
    const target = join(checkout, file)
    await mkdir(dirname(target), { recursive: true })
    await cp(join(repository, file), target).catch(() => {}) // deleted but still in the index
  }
  const outcome = await run('npm', ['ci', '--prefer-offline'], { cwd: checkout, env }).then(
    () => 'npm ci succeeded without a compiler',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  )
  expect(outcome).toMatch(/C compiler/)
  expect(outcome).toMatch(/apt(-get)? install .*(gcc|build-essential)/)
})

async function writeFiles(directory: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
}

test('the versions of the workspaces go together', async () => {
  const manifests = await Promise.all(
    ['package.json', ...packageNames.map((name) => `packages/${name}/package.json`)].map(async (path) =>
      JSON.parse(await readFile(join(repository, path), 'utf8')),
    ),
  )
  const [{ version }] = manifests as [{ version: string }]
  expect(manifests.map((manifest) => manifest.version)).toEqual(manifests.map(() => version))
  expect(manifests[2].dependencies['@glovebox/core']).toBe(version)
})
