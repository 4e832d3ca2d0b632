/** Coverage by both providers is what it is without Glovebox. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Cell, createProject, eachCell, printed, run } from './support.js'

const files = {
  'src/math.ts': `
export function sign(value: number): string {
  if (value > 0) return 'positive'
  if (value < 0) return 'negative'
  return 'zero'
}
export const unused = () => 'never called'
`,
  'src/never.ts': `export const imported = false\n`,
  'a.test.ts': `import { sign } from './src/math'\ntest('a', () => expect(sign(1)).toBe('positive'))`,
  'b.test.ts': `import { sign } from './src/math'\ntest('b', () => expect(sign(-1)).toBe('negative'))`,
}

eachCell((cell, available) => {
  describe.each(['v8', 'babel'])('%s', (provider) => {
    let plain: unknown
    let sandboxed: unknown
    beforeAll(async () => {
      if (!available) return
      plain = await summary(cell, provider, { PLAIN: '1' })
      sandboxed = await summary(cell, provider, {})
    })

    test('covers the same', () => {
      expect(plain).toMatchObject({ total: { lines: { covered: expect.any(Number), skipped: 0 } } })
      expect(sandboxed).toEqual(plain)
    })
  })
})

async function summary(cell: Cell, provider: string, env: Record<string, string>): Promise<unknown> {
  await using project = await createProject(cell, files)
  const args = [
    '--coverage',
    `--coverageProvider=${provider}`,
    '--coverageReporters=json-summary',
    '--collectCoverageFrom=src/**',
    // A cache that no other run has warmed: source maps must come from this one.
    '--cacheDirectory=.cache',
  ]
  const result = await run(cell, project, args, { env })
  expect(result.code, printed(result).slice(-3000)).toBe(0)
  return JSON.parse((await project.read('coverage/coverage-summary.json')).replaceAll(project.dir, ''))
}
