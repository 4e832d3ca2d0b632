/** A project with another file system mounted below it: an overlay is refused by name, the other modes serve it. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { moduleOf } from '../harness/run-vitest.js'
import { config, createProject, eachCell, printed, run } from '../vitest/support.js'

requires('root') // to mount

const files = {
  'vitest.config.ts': config(
    '{}',
    `process.env.PROJECT_MODE ? { filesystem: { project: process.env.PROJECT_MODE } } : {}`,
  ),
  'mounted.test.ts': `
import fs from 'node:fs'
import { expect, test } from 'vitest'
test('sees the mount', () => {
  expect(fs.readFileSync('mounted/inner.txt', 'utf8')).toBe('inner')
  if (process.env.PROJECT_MODE === 'direct') fs.writeFileSync('mounted/written.txt', 'written')
  else expect(() => fs.writeFileSync('mounted/written.txt', '')).toThrow('EROFS')
})
`,
}

eachCell((cell) => {
  test('a file system below the project', async () => {
    await using project = await createProject(cell, files)
    const place = project.path('mounted')
    mkdirSync(place)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0777', 'gbtest', place])
    try {
      await project.write({ 'mounted/inner.txt': 'inner' })
      const refused = await run(cell, project)
      expect(refused.code).not.toBe(0)
      expect(printed(refused)).toContain(`since ${place} is a file system of its own`)
      expect(printed(refused)).toContain('filesystem.project: readonly or direct')
      for (const PROJECT_MODE of ['readonly', 'direct']) {
        const result = await run(cell, project, [], { env: { PROJECT_MODE } })
        expect(moduleOf(result, 'mounted.test.ts')).toMatchObject({
          status: 'passed',
          message: '',
          assertionResults: [{ failureMessages: [] }],
        })
      }
      expect(readFileSync(`${place}/written.txt`, 'utf8')).toBe('written')
    } finally {
      execFileSync('umount', ['--lazy', place])
    }
  })
})
