/** V8's heap limit lies below the cap on memory, under Jest as under Vitest. */
import { expect, test } from 'vitest'
import { moduleOf } from '../harness/run-runner.js'
import { config, createProject, eachCell, printed, run } from './support.js'

eachCell((cell, available) => {
  test('a leak of JavaScript meets V8’s limit, which lies below the cap', async () => {
    if (!available) return
    await using project = await createProject(cell, {
      'jest.config.js': config('{}', `{ limits: { memory: '256MiB' } }`),
      'leak.test.js': `test('leaks', () => { const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length)) })`,
    })
    const result = await run(cell, project)
    expect(moduleOf(result, 'leak.test.js').message).toMatch(
      /Memory limit: V8's heap reached the 176MiB that it may have of the file's 256MiB/,
    )
    expect(printed(result)).toContain('JavaScript heap out of memory')
  })
})
