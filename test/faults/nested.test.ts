/** Glovebox in a sandbox of Glovebox: an ordinary user's works where it is allowed, everything else is an error that says what helps. */
import { describe, expect, test } from 'vitest'
import { type CliOptions, type CliResult, glovebox, mainPath } from '../cli/cli.js'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { moduleOf, runVitest } from '../harness/run-vitest.js'
import type { Role } from '../harness/users.js'

/** `glovebox run` within `glovebox run`. */
function nested(outer: string, inner: string[], as: CliOptions): Promise<CliResult> {
  const command = [process.execPath, mainPath, 'run', ...inner, '--hostname', 'inner', '--', 'hostname']
  return glovebox(`--on-unsupported warn ${outer}`, command, as)
}

describe.each<Role>(['root', 'user'])('as %s', (role) => {
  requires(role)

  test('a sandbox makes none unless it may, and the error says what allows it', async () => {
    const { status, stdout, stderr } = await nested('', [], { as: role })
    expect(stderr).toMatch(
      /could not be set up: clone-supervisor failed with EPERM\n.*: nestedSandboxes: true;/,
    )
    expect([status, stdout]).toEqual([125, ''])
  })
})

describe('root', () => {
  requires('root')

  test('has none in a sandbox that may, either, and is told who has', async () => {
    const { status, stdout, stderr } = await nested('--nested-sandboxes', [], { as: 'root' })
    expect(stderr).toMatch(
      /mount-proc failed with EPERM \(\/proc\)\n.*run the outer suite as an ordinary user/,
    )
    expect([status, stdout]).toEqual([125, ''])
  })

  test('goes without where it is said to, in the outer sandbox, and is told so', async () => {
    const { status, stdout, stderr } = await nested('--nested-sandboxes', ['--on-unsupported', 'warn'], {
      as: 'root',
    })
    expect(stderr).toMatch(/running hostname WITHOUT a sandbox: .*mount-proc/)
    expect([status, stdout]).toEqual([0, 'glovebox\n'])
  })
})

describe('an ordinary user', () => {
  requires('user', 'node24', 'vitest4.1')

  test('has sandboxes in a sandbox that may make them', async () => {
    const { status, stdout, stderr } = await nested('--nested-sandboxes', ['--on-unsupported', 'warn'], {
      as: 'user',
    })
    expect(stderr).not.toContain('WITHOUT')
    expect([status, stdout], stderr).toEqual([0, 'inner\n'])
  })

  test('a suite runs Vitest under Glovebox', async () => {
    const config = (options: string) =>
      `import glovebox from '@glovebox/vitest-plugin'\nexport default { plugins: [glovebox(${options})], test: { include: ['*.test.js'] } }`
    const inner = `import { hostname } from 'node:os'\nimport { expect, test } from 'vitest'\ntest('inner', () => expect(hostname()).toBe('inner'))`
    const outer = `import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
test('outer', () => {
  const entry = new URL('./node_modules/vitest/vitest.mjs', import.meta.url).pathname
  const output = execFileSync(process.execPath, [entry, 'run', '--root', 'inner'], { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: process.env.HOME } })
  expect(output).toMatch(/1 passed/)
}, 60_000)`
    await using project = await createFixture({
      as: 'user',
      vitest: '4.1',
      files: {
        'vitest.config.js': config(`{ nestedSandboxes: true, onUnsupported: 'warn' }`),
        'outer.test.js': outer,
        'inner/vitest.config.js': config(`{ hostname: 'inner', onUnsupported: 'warn' }`),
        'inner/inner.test.js': inner,
      },
    })
    const run = await runVitest({ node: 24, vitest: '4.1', as: 'user', cwd: project.dir })
    expect(moduleOf(run, 'outer.test.js').status, `${run.stdout}${run.stderr}`).toBe('passed')
  })
})
