/** Writes that are thrown away, with Jest: they fail a strict file; what Jest itself writes does not. */
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
    })
    const result = await run(cell, project)
    expect(moduleOf(result, 'strict.test.js')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/Unexpected writes: the file wrote .*data\.db \(12 KiB\)/),
    })
    expect(moduleOf(result, 'clean.test.js').status).toBe('passed')
    expect(printed(result)).toContain(' strict.test.js wrote data.db (12 KiB): discarded')
    expect(printed(result)).not.toMatch(/clean\.test\.js wrote/)
  })
})
