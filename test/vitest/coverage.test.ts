/** Coverage by both providers is what it is under Vitest's own pool. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Cell, createProject, eachCell, run } from './support.js'

const files = {
  'src/math.ts': `
export function sign(value: number): string {
  if (value > 0) return 'positive'
  if (value < 0) return 'negative'
  return 'zero'
}
export const unused = () => 'never called'
`,
  'a.test.ts': `import { expect, test } from 'vitest'\nimport { sign } from './src/math'\ntest('a', () => expect(sign(1)).toBe('positive'))`,
  'b.test.ts': `import { expect, test } from 'vitest'\nimport { sign } from './src/math'\ntest('b', () => expect(sign(-1)).toBe('negative'))`,
}

eachCell((cell, available) => {
  describe.each(['v8', 'istanbul'])('%s', (provider) => {
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
    `--coverage.provider=${provider}`,
    '--coverage.reporter=json-summary',
    '--coverage.include=src/**',
  ]
  const result = await run(cell, project, args, { env })
  expect(result.code, result.stdout + result.stderr).toBe(0)
  return JSON.parse((await project.read('coverage/coverage-summary.json')).replaceAll(project.dir, ''))
}
