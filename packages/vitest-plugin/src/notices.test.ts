import { expect, test } from 'vitest'
import type { TestProject, Vitest } from 'vitest/node'
import { projectNotices } from './notices.js'
import { sandboxProject } from './pool-choice.js'

type Config = { pool?: string; isolate?: boolean; browser?: object; typecheck?: object; inspector?: object }

/** Notices about one project that has the plugin. Merging reports, so that no session is opened. */
async function noticesOf(config: Config, name = ''): Promise<string[]> {
  const defaults = { pool: 'glovebox', isolate: true, browser: {}, typecheck: {}, inspector: {} }
  const project = { name, config: { ...defaults, ...config } } as unknown as TestProject
  const vitest = { projects: [project], config: { mergeReports: '.' } } as unknown as Vitest
  await sandboxProject(vitest, project, {})
  return projectNotices(vitest)
}

test('of a project that is sandboxed as it should be there is nothing to say', async () => {
  expect(await noticesOf({})).toEqual([])
})

test.each<[string, Config, string]>([
  ['a browser', { browser: { enabled: true } }, 'are not sandboxed: they run in a browser.'],
  ['a chosen pool', { pool: 'vmForks' }, "are not sandboxed: their pool is 'vmForks', by your choice."],
  ['type tests', { typecheck: { enabled: true } }, 'type tests are checked by the compiler'],
  ['shared workers', { isolate: false }, '`isolate: false` has no effect'],
  ['a debugger', { inspector: { enabled: true } }, 'share the network of the host'],
])('%s', async (_, config, notice) => {
  expect(await noticesOf(config, 'web')).toEqual([expect.stringContaining(notice)])
  expect(await noticesOf(config, 'web')).toEqual([expect.stringContaining("Test files of project 'web'")])
})
