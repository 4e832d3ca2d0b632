/** Projects over which the kernel lays no overlay: that is refused by name; the other modes serve them, and so does `onUnsupported: 'warn'`. */
import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { moduleOf } from '../harness/run-vitest.js'
import { identityOf } from '../harness/users.js'
import { config, createProject, eachCell, printed, run } from '../vitest/support.js'

requires('root') // to mount

const files = {
  'vitest.config.ts': config(
    '{}',
    `{
      onUnsupported: process.env.ON_UNSUPPORTED ?? 'error',
      filesystem: process.env.PROJECT_MODE ? { project: process.env.PROJECT_MODE } : {},
    }`,
  ),
  'plain.test.ts': `
import { expect, test } from 'vitest'
test('has a host name of its own', async () => expect((await import('node:os')).hostname()).toBe('glovebox'))
`,
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
      const refused = await run(cell, project, ['mounted'])
      expect(refused.code).not.toBe(0)
      expect(printed(refused)).toContain(`since ${place} is a file system of its own`)
      expect(printed(refused)).toContain('filesystem.project: readonly or direct')
      for (const PROJECT_MODE of ['readonly', 'direct']) {
        const result = await run(cell, project, ['mounted'], { env: { PROJECT_MODE } })
        expect(moduleOf(result, 'mounted.test.ts')).toMatchObject({
          status: 'passed',
          message: '',
          assertionResults: [{ failureMessages: [] }],
        })
      }
      expect(readFileSync(`${place}/written.txt`, 'utf8')).toBe('written')
      const warned = await run(cell, project, ['plain'], { env: { ON_UNSUPPORTED: 'warn' } })
      expect(moduleOf(warned, 'plain.test.ts').status).toBe('passed')
      expect(printed(warned)).toContain(`filesystem.project is direct: an overlay cannot be laid over`)
    } finally {
      execFileSync('umount', ['--lazy', place])
    }
  })

  test('a project that lies in an overlay over an overlay, which takes no third', async () => {
    await using project = await createProject(cell, files)
    const layers = `${project.dir}-layers`
    const mounted: string[] = []
    const mount = (target: string, ...args: string[]) => {
      execFileSync('mount', [...args, 'gbtest', target])
      mounted.push(target)
    }
    mkdirSync(layers)
    try {
      mount(layers, '-t', 'tmpfs')
      for (const name of ['first', 'second']) {
        const [upper, work] = [`${layers}/${name}`, `${layers}/${name}-work`]
        mkdirSync(upper)
        mkdirSync(work)
        const { uid, gid } = identityOf(cell.as)
        chownSync(upper, uid, gid)
        const options = `lowerdir=${project.dir},upperdir=${upper},workdir=${work}`
        mount(project.dir, '-t', 'overlay', '-o', options)
      }
      const refused = await run(cell, project, ['plain'])
      expect(refused.code).not.toBe(0)
      expect(printed(refused)).toMatch(/mount-overlay failed with EINVAL/)
      expect(printed(refused)).toContain('set filesystem.project to readonly or direct')
      const warned = await run(cell, project, ['plain'], { env: { ON_UNSUPPORTED: 'warn' } })
      expect(moduleOf(warned, 'plain.test.ts').status).toBe('passed')
      expect(printed(warned)).toContain(`cannot be laid over ${project.dir} (EINVAL)`)
    } finally {
      for (const target of mounted.reverse()) execFileSync('umount', ['--lazy', target])
      rmSync(layers, { recursive: true })
    }
  })
})
