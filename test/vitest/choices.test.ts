/** What the user chose for Vitest is respected, and said where it takes files out of the sandbox. */
import { chmod } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { createProject, eachCell, outcomes, printed, run, runPlain } from './support.js'

const files = {
  'a.test.ts': `
import { hostname } from 'node:os'
import { test } from 'vitest'
test('a', () => { console.log('AT', hostname() === 'glovebox' ? 'sandboxed' : 'outside') })`,
  'types.test-d.ts': `import { test } from 'vitest'\ntest('types', () => {})`,
  // Stands for the compiler: reports no error.
  'checker.mjs': '#!/usr/bin/env node\n',
  'tsconfig.json': '{}',
}

eachCell((cell, available) => {
  let project: Fixture
  beforeAll(async () => {
    if (!available) return
    project = await createProject(cell, files)
    await chmod(project.path('checker.mjs'), 0o755)
    return () => project.remove()
  })

  describe.each([
    ['--pool=threads', 'outside', "Test files are not sandboxed: their pool is 'threads', by your choice."],
    [
      '--no-isolate',
      'sandboxed',
      'Test files: `isolate: false` has no effect, every file has a sandbox of its own.',
    ],
  ])('%s', (flag, where, notice) => {
    test(`runs files ${where}, and says so`, async () => {
      const result = await run(cell, project, [flag, 'a.test.ts'])
      expect(printed(result)).toContain(`AT ${where}`)
      expect(result.stderr).toContain(`Glovebox: ${notice}`)
      expect(result.code).toBe(0)
    })
  })

  test('type tests are left to the compiler, and said to be', async () => {
    const checker = `--typecheck.checker=${project.path('checker.mjs')}`
    const plain = await runPlain(cell, project, ['--typecheck', checker])
    const result = await run(cell, project, ['--typecheck', checker])
    expect(printed(result)).toContain('AT sandboxed')
    expect(result.stderr).toContain('type tests are checked by the compiler, outside of any sandbox')
    expect(outcomes(plain)['types.test-d.ts']).toBe('passed')
    expect(outcomes(result)).toEqual(outcomes(plain))
  })

  test('`vitest list` names the same tests as without Glovebox', async () => {
    const list = (env: Record<string, string>) => run(cell, project, [], { args: ['list', '--json'], env })
    const [plain, sandboxed] = [await list({ PLAIN: '1' }), await list({})]
    expect(plain.stdout).toContain('a.test.ts')
    expect(sandboxed.stdout).toBe(plain.stdout)
  })
})
