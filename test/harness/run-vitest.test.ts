import { describe, expect, test } from 'vitest'
import { createFixture } from './fixture.js'
import { requires } from './requires.js'
import { moduleOf, runVitest } from './run-vitest.js'

const probe = `
import { expect, test } from 'vitest'
import { userInfo } from 'node:os'
import { version } from 'vitest/node'
test('reports where it runs', ({ task }) => {
  task.meta.seen = { node: process.versions.node, vitest: version, user: userInfo().uid, marker: process.env.GLOVEBOX_TEST_RUN }
})
test('fails', () => expect(1).toBe(2))
`

for (const { node, vitest, as } of [
  { node: 20, vitest: '4.1', as: 'root' },
  { node: 24, vitest: '5.1', as: 'user' },
] as const) {
  describe(`Vitest ${vitest} on Node.js ${node} as ${as}`, () => {
    requires(as, `node${node}`, `vitest${vitest}`)

    test('runs with the versions and the user asked for, and reports', async () => {
      await using project = await createFixture({ vitest, as, files: { 'a.test.ts': probe } })
      const run = await runVitest({ node, vitest, as, cwd: project.dir })
      const { assertionResults } = moduleOf(run, 'a.test.ts')
      expect(run.code).toBe(1)
      expect(assertionResults.map(({ status }) => status)).toEqual(['passed', 'failed'])
      const seen = assertionResults[0]?.meta?.seen as Record<string, unknown>
      expect(seen).toMatchObject({
        node: expect.stringMatching(new RegExp(`^${node}\\.`)),
        vitest: expect.stringMatching(new RegExp(`^${vitest.replace('.', '\\.')}\\.`)),
        marker: expect.any(String),
      })
      expect(seen.user === 0).toBe(as === 'root')
    })
  })
}
