/** What an overlay of the project can lie on: a file system in user space (FUSE); and a kernel that has no overlays for sandboxes. */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { moduleOf } from '../harness/run-vitest.js'
import { cells, config, createProject, eachCell, printed, run } from '../vitest/support.js'

const files = {
  'vitest.config.ts': config(
    '{}',
    `{ report: 'full', onUnsupported: process.env.ON_UNSUPPORTED ?? 'error' }`,
  ),
  'kept.txt': 'kept',
  'old/gone.txt': 'gone',
  'writes.test.ts': `
import fs from 'node:fs'
import { expect, test } from 'vitest'
test('writes', () => {
  fs.writeFileSync('kept.txt', 'changed')
  fs.writeFileSync('data.db', 'new')
  fs.rmSync('old', { recursive: true })
  fs.symlinkSync('kept.txt', 'link')
  expect(fs.readFileSync('link', 'utf8')).toBe('changed')
  expect(fs.readdirSync('.')).not.toContain('old')
  expect('snapshot').toMatchSnapshot()
})
`,
}

describe('a project on a file system in user space', () => {
  requires('root', 'apt:bindfs')

  eachCell((cell, available) => {
    test('is seen and kept as any other', async () => {
      if (!available) return
      await using project = await createProject(cell, files)
      const kind = () => execFileSync('stat', ['-f', '-c', '%T', project.dir], { encoding: 'utf8' }).trim()
      expect(kind()).not.toMatch(/fuse/)
      execFileSync('bindfs', ['-o', 'allow_other,nonempty', project.dir, project.dir])
      try {
        expect(kind()).toMatch(/fuse/)
        const result = await run(cell, project)
        expect(moduleOf(result, 'writes.test.ts')).toMatchObject({
          assertionResults: [{ failureMessages: [] }],
          status: 'passed',
          message: '',
        })
        expect(printed(result)).toMatch(/ writes\.test\.ts wrote .*data\.db.*: discarded/)
      } finally {
        execFileSync('umount', ['--lazy', project.dir])
      }
      expect(readFileSync(project.path('kept.txt'), 'utf8')).toBe('kept')
      expect(existsSync(project.path('old/gone.txt'))).toBe(true)
      expect(existsSync(project.path('data.db'))).toBe(false)
      expect(readFileSync(project.path('__snapshots__/writes.test.ts.snap'), 'utf8')).toContain('snapshot')
    })
  })
})

describe.each(cells.slice(0, 1))('on a kernel without overlays for sandboxes (simulated), as $as', (cell) => {
  requires('root', 'cc', `node${cell.node}`, `vitest${cell.vitest}`)

  test('a run fails and says what to do; with onUnsupported warn, the project is direct', async () => {
    await using project = await createProject(cell, files)
    const tools = await createFixture()
    onTestFinished(() => tools.remove())
    chmodSync(tools.dir, 0o755)
    const simulator = join(tools.dir, 'no-userxattr')
    execFileSync('cc', ['-o', simulator, join(import.meta.dirname, 'no-userxattr.c')])
    mkdirSync(project.path('.git'))
    const wrapper = [simulator]

    const refused = await run(cell, project, [], { wrapper })
    expect(refused.code).not.toBe(0)
    expect(printed(refused)).toMatch(/mount-overlay failed with EINVAL/)
    expect(printed(refused)).toContain('set filesystem.project to readonly or direct')
    expect(existsSync(project.path('data.db'))).toBe(false)

    const warned = await run(cell, project, [], { wrapper, env: { ON_UNSUPPORTED: 'warn' } })
    expect(moduleOf(warned, 'writes.test.ts')).toMatchObject({ status: 'passed', message: '' })
    expect(printed(warned)).toContain(`cannot be laid over ${project.dir} (EINVAL)`)
    expect(existsSync(project.path('data.db'))).toBe(true)
  })
})
