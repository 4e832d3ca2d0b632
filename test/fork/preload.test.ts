/** What the user lists as `preload` is loaded once, in the template, and stays private to each worker that is forked from it. */
import { expect, onTestFinished, test } from 'vitest'
import { openSession, type Session } from '../../packages/core/dist/adapter.js'
import { createFixture, type Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'

requires('userns')

const files = {
  // Sends what it finds in the package, having counted.
  'entry.mjs': `
    export default (channel) => channel.onMessage(async () => {
      const { token, form, count } = await import('counted')
      count()
      channel.send({ token, form, count: count(), global: globalThis.counted })
    })`,
  'node_modules/counted/package.json': JSON.stringify({
    name: 'counted',
    exports: { import: './index.mjs', require: './index.cjs' },
  }),
  'node_modules/counted/index.mjs': `
    import { randomUUID } from 'node:crypto'
    export const token = randomUUID()
    export const form = 'module'
    let n = 0
    export const count = () => { globalThis.counted = ++n; return n }`,
  'node_modules/counted/index.cjs': 'exports.form = "commonjs"',
  'node_modules/throws/package.json': '{ "name": "throws" }',
  'node_modules/throws/index.js': 'throw new Error("not in this process\\nat all")',
}

async function open(fixture: Fixture, preload: string[]): Promise<Session> {
  const session = await openSession({
    options: { preload, onUnsupported: 'warn', limits: { memory: '512MiB', timeout: '20s' } },
    source: 'vitest.config.ts',
    runner: 'vitest',
    root: fixture.dir,
    maxWorkers: 1,
    workerEntry: fixture.path('entry.mjs'),
    execArgv: [],
    env: { PATH: process.env.PATH },
    visible: [],
    shared: [],
    persist: [],
  })
  onTestFinished(() => session.close())
  return session
}

async function run(session: Session, fixture: Fixture): Promise<{ token: string }> {
  const worker = await session.worker(await session.profile(fixture.path('entry.mjs')))
  const answer = new Promise((resolve, reject) => {
    worker.onMessage(resolve)
    void worker.ended.then((ending) => reject(new Error(JSON.stringify(ending))))
  })
  worker.send('go')
  const result = await answer
  await worker.finish('passed')
  return result as { token: string }
}

const untouched = { form: 'module', count: 2, global: 2 }

test('a module is loaded once for all files, and no file sees what another did with it', async () => {
  await using fixture = await createFixture({ files })
  const session = await open(fixture, ['counted', './node_modules/counted/index.mjs'])
  const seen = [await run(session, fixture), await run(session, fixture), await run(session, fixture)]
  expect(session.notices).toEqual([])
  expect(new Set(seen.map(({ token }) => token)).size).toBe(1)
  for (const each of seen) expect(each).toMatchObject(untouched)
})

test('without `preload` each file loads it for itself', async () => {
  await using fixture = await createFixture({ files })
  const session = await open(fixture, [])
  const seen = [await run(session, fixture), await run(session, fixture)]
  expect(new Set(seen.map(({ token }) => token)).size).toBe(2)
  for (const each of seen) expect(each).toMatchObject(untouched)
})

test.each([
  ['counted-wrongly', "Cannot find package 'counted-wrongly'"],
  ['throws', 'not in this process'],
])(
  '%s, which cannot be loaded, is named with its file, and files run in fresh workers',
  async (name, reason) => {
    await using fixture = await createFixture({ files })
    const session = await open(fixture, ['counted', name])
    expect(await run(session, fixture)).toMatchObject(untouched)
    const [notice = '', ...more] = session.notices
    expect(more).toEqual([])
    expect(notice).toContain(
      `started afresh instead of being forked from a template: preload of vitest.config.ts: "${name}" cannot be loaded from ${fixture.dir}: ${reason}`,
    )
  },
)
