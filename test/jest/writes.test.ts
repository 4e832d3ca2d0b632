/** What files write, with Jest: it fails a strict file, unless Jest itself wrote it; two files may not keep different content. */
import { expect, test } from 'vitest'
import { moduleOf } from '../harness/run-runner.js'
import { config, createProject, eachCell, printed, run } from './support.js'

const options = `{ report: 'full', filesystem: { strictWrites: 'fail' } }`

eachCell((cell, available) => {
  test('strictWrites', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'jest.config.js': config(`{ cacheDirectory: '<rootDir>/cache' }`, options),
      'strict.test.js': `test('writes', () => require('fs').writeFileSync('data.db', Buffer.alloc(12 * 1024)))`,
      'clean.test.js': `test('keeps', () => expect(1).toMatchSnapshot())`,
      'renaming.test.js': `test('renames', () => require('fs').renameSync('folder', 'elsewhere'))`,
      'folder/file.txt': '',
    })
    const result = await run(cell, project)
    expect(moduleOf(result, 'strict.test.js')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Unexpected writes: the file wrote .*data\.db \(12 KiB\)/),
    })
    expect(moduleOf(result, 'clean.test.js').status).toBe('passed')
    expect(printed(result)).toContain(' strict.test.js wrote data.db (12 KiB): discarded')
    expect(printed(result)).toMatch(/^ renaming\.test\.js failed of EXDEV: .*@glovebox-project direct/m)
    expect(printed(result)).not.toMatch(/clean\.test\.js wrote/)
  })

  test('two files that keep different content in one path', async () => {
    if (!available) return
    const writes = (content: string) =>
      `test('writes', () => require('fs').writeFileSync('shared.txt', '${content}'))`
    await using project = await createProject(cell, {
      'jest.config.js': config('{}', `{ filesystem: { persist: ['shared.txt'] } }`),
      'one.test.js': writes('one'),
      'two.test.js': writes('two'),
    })
    const result = await run(cell, project)
    const names = ['one.test.js', 'two.test.js']
    const failed = names.filter((name) => moduleOf(result, name).status === 'failed')
    expect(failed).toHaveLength(1)
    for (const path of ['shared.txt', ...names])
      expect(moduleOf(result, failed[0] ?? '').message).toContain(project.path(path))
  })
})
