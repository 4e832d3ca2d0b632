/** What keeps a run from beginning is said once, without a stack trace. */
import { expect, test } from 'vitest'
import { config, createProject, eachCell, outcomes, printed, run } from './support.js'

const files = { 'a.test.ts': `import { test } from 'vitest'\ntest('a', () => console.log('A RAN'))` }

eachCell((cell) => {
  test('a wrong option fails the run at its start, naming file, key and remedy', async () => {
    await using project = await createProject(cell, {
      ...files,
      'vitest.config.ts': config('{}', `{ limits: { memori: '64MiB', pids: -1 } }`),
    })
    const result = await run(cell, project)
    const text = printed(result)
    expect(text.match(/limits\.memori/g)).toHaveLength(1)
    expect(text).toContain('memory')
    expect(text).toContain('vitest.config.ts')
    expect(text).toContain('limits.pids')
    expect(text).toContain("code: 'GLOVEBOX_CONFIG'")
    expect(text).not.toMatch(/^ +at .*glovebox/m)
    expect(text).not.toContain('A RAN')
    expect(result.code).toBe(1)
  })

  test('another Vitest is refused', async () => {
    await using project = await createProject(cell, {
      ...files,
      'older.ts': `
import { glovebox } from '@glovebox/vitest-plugin'
const plugin = glovebox()
export const attempt = plugin.configureVitest({ vitest: { version: '3.2.4' } }).catch(({ code, message }) => console.log('REFUSED', code, message))`,
      'vitest.config.ts': `import { attempt } from './older'\nawait attempt\nexport default {}`,
    })
    expect(printed(await run(cell, project))).toContain(
      'REFUSED GLOVEBOX_UNSUPPORTED_RUNNER Vitest 3.2.4 is not supported',
    )
  })

  test('a worker that dies before it started fails its module at once', async () => {
    await using project = await createProject(cell, {
      ...files,
      'vitest.config.ts': config(`{ execArgv: ['--no-such-flag'] }`),
    })
    const result = await run(cell, project)
    expect(outcomes(result)['a.test.ts']).toMatch(/^failed Exited: .* code 9/)
    expect(printed(result)).toContain('--no-such-flag')
    expect(printed(result)).not.toContain('Unhandled')
  })

  test('GLOVEBOX_REPORT and glovebox.json', async () => {
    await using project = await createProject(cell, {
      ...files,
      'vitest.config.ts': config('{}', `{ report: { json: 'out/glovebox.json' } }`),
    })
    const quiet = await run(cell, project)
    expect(quiet.stderr).not.toContain('│')
    const full = await run(cell, project, [], { env: { GLOVEBOX_REPORT: 'full' } })
    expect(full.stderr).toMatch(/│ a\.test\.ts +│/)
    const report = JSON.parse(await project.read('out/glovebox.json'))
    expect(report).toMatchObject({
      version: 1,
      runner: expect.stringMatching(/^vitest [45]\.1\./),
      files: [{ file: 'a.test.ts', state: 'passed', verdict: { kind: 'passed-through' } }],
    })
    expect(report.files[0].usage.wall).toBeGreaterThan(0)
  })
})
