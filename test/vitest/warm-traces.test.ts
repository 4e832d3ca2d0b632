/** The test file that does nothing, with which templates are warmed, leaves nothing behind but what Vitest itself has for every file. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { modulesOf, nodeBinary } from '../setup/matrix.mjs'

interface Traces {
  globals: string[]
  /** Modules that were loaded, from their last `node_modules` on. */
  loaded: string[]
  changed: Record<string, [before: unknown, after: unknown]>
}

const program = (name: string) => new URL(name, import.meta.url).pathname
const vitestsOwn = [
  'Symbol(vitest:SAFE_TIMERS)',
  '__vitest_index__',
  '__vitest_mocker__',
  '__vitest_required__',
  '__vitest_worker__',
  'console',
]

describe.each(['4.1', '5.1'] as const)('Vitest %s', (version) => {
  requires('node24', `vitest${version}`)

  test.each(['node', 'jsdom', 'happy-dom'])('in %s', async (environment) => {
    await using project = await createFixture({ files: {} })
    const dist = join(modulesOf(`vitest-${version}`), 'vitest/dist')
    const node = async (...args: string[]) => {
      const options = { cwd: project.dir, maxBuffer: 64 << 20 }
      const { stdout } = await promisify(execFile)(nodeBinary(24), args, options)
      return stdout.trim().split('\n').at(-1) ?? ''
    }
    const config = await node(program('serialized-config.mjs'), dist)
    const { globals, loaded, changed } = JSON.parse(
      await node(program('warm-traces.mjs'), dist, environment, config),
    ) as Traces

    // Vitest gives Node.js's own `navigator` back as a value.
    expect(globals.filter((name) => name !== 'navigator')).toEqual(vitestsOwn)
    expect(loaded.filter((path) => path.includes('warm-up') || path.startsWith('file:'))).toEqual([])
    const { listeners, commonjs, env, ...rest } = changed
    expect(rest).toEqual({})
    const [before, after] = listeners as Record<string, number>[]
    expect(after).toEqual({ ...before, uncaughtException: 1, unhandledRejection: 1 })
    const [variables = [], more = []] = (env ?? []) as string[][]
    expect(
      more.filter(
        (name) =>
          !variables.includes(name) && !/^(VITEST_.*_ID|SSR|DEV|PROD|NODE_ENV|MODE|BASE_URL)$/.test(name),
      ),
    ).toEqual([])
    if (environment === 'node') expect(commonjs).toBeUndefined()
  })
})
