/** `preload` reaches test files: what Vitest imports for them is what the template had loaded, with the environment in place. */
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const library = {
  'node_modules/library/package.json': JSON.stringify({
    name: 'library',
    type: 'module',
    exports: './index.js',
  }),
  'node_modules/library/index.js': `
    export const token = crypto.randomUUID()
    export const hadDocument = typeof document === 'object'
    let n = 0
    export const count = () => ++n`,
}
const file = (hasDocument: boolean) => `
import { expect, test } from 'vitest'
import { count, hadDocument, token } from 'library'
test('library', () => {
  console.log('token=' + token)
  expect([count(), hadDocument, typeof document === 'object']).toEqual([1, ${hasDocument}, ${hasDocument}])
})`

eachCell((cell) => {
  test.each([
    ['node', false],
    ['jsdom', true],
  ])('in %s', async (environment, hasDocument) => {
    await using project = await createProject(cell, {
      'vitest.config.ts': config(
        JSON.stringify({ environment, maxWorkers: 1 }),
        `{ preload: process.env.AHEAD ? ['library'] : [] }`,
      ),
      ...library,
      'a.test.ts': file(hasDocument),
      'b.test.ts': file(hasDocument),
      'c.test.ts': file(hasDocument),
    })
    const tokens = async (env: Record<string, string>) => {
      const result = await run(cell, project, [], { env })
      expect(Object.values(outcomes(result)).filter((outcome) => outcome !== 'passed')).toEqual([])
      return new Set(printed(result).match(/token=\S+/g)).size
    }
    expect(await tokens({})).toBe(3)
    expect(await tokens({ AHEAD: '1' })).toBe(1)
  })
})
