import { EventEmitter } from 'node:events'
import type { FileRecord, Profile, SandboxedWorker, Session } from '@glovebox/core/adapter'
import { GloveboxError } from '@glovebox/core/adapter'
import { describe, expect, test, vi } from 'vitest'
import type { PoolOptions } from 'vitest/node'
import { createPoolWorker } from './pool-worker.js'
import { isCall, isResponse, request, response } from './protocol.js'

const run = request('run', { context: { files: [{ filepath: '/app/a.test.ts' }] } })
const record: FileRecord = {
  verdict: { kind: 'passed-through' },
  usage: { wall: 1 },
  leaks: [],
  network: 'none',
  blocked: [],
  writes: { persisted: [], discarded: [] },
}

/** A pool worker between a Vitest that answers every call, and a sandbox that the test plays. */
function setup({ verdict = record.verdict, session = {} as Partial<Session>, bail = 0 } = {}) {
  const said = new EventEmitter()
  const sent: unknown[] = []
  let end: (value?: unknown) => void = () => {}
  const ended = {
    promise: new Promise((resolve) => {
      end = resolve
    }),
    resolve: (value?: unknown) => end(value),
  }
  const sandbox: SandboxedWorker = {
    pid: 1,
    send: (message) => sent.push(message),
    onMessage: (listener) => {
      said.on('message', listener)
      return () => {}
    },
    onOutput: () => () => {},
    ended: ended.promise as SandboxedWorker['ended'],
    kill: vi.fn(() => ended.resolve(undefined)),
    finish: vi.fn(async () => ({ ...record, verdict })),
  }
  const vitest = {
    logger: {},
    state: { getCountOfFailedTests: () => 1 },
    cancelCurrentRun: vi.fn(),
  }
  const project = {
    name: '',
    config: { root: '/app', pool: 'glovebox', teardownTimeout: 1000, inspector: {}, bail },
    vitest,
    createSpecification: () => ({ taskId: 'module' }),
    serializedConfig: { experimental: {} },
    getProvidedContext: () => ({}),
  }
  const pool = createPoolWorker(
    {
      project,
      environment: { name: 'node' },
      distPath: '/vitest/dist',
      env: { A: '2' },
      execArgv: ['--flag'],
    } as unknown as PoolOptions,
    {
      session: Promise.resolve({
        profile: async () => ({}) as Profile,
        flaky: { retries: 0, policy: 'fail' },
        turns: { beside: async (_: string, work: () => unknown) => ({ value: await work(), beside: [] }) },
        excuse: () => undefined,
        worker: async () => sandbox,
        ...session,
      } as unknown as Session),
      source: 'vitest.config.ts',
      sessionEnv: { A: '1' },
    },
  )
  const toVitest: unknown[] = []
  pool.on('message', (message: unknown) => {
    toVitest.push(message)
    if (isCall(message) && message.i !== undefined) pool.send({ t: 's', i: message.i } as never)
  })
  const say = (message: unknown) => said.emit('message', message)
  const until = (type: string) =>
    vi.waitFor(() => expect(toVitest.filter(isResponse).map((each) => each.type)).toContain(type))
  const reaches = (type: string) =>
    vi.waitFor(() => expect(sent).toContainEqual(expect.objectContaining({ type })))
  return { pool, sandbox, sent, toVitest, say, until, reaches, ended, vitest }
}

/** Of the updates that Vitest got: the module's last state and errors. */
function moduleEnd(toVitest: unknown[]) {
  const updates = toVitest.filter(isCall).filter(({ m }) => m === 'onTaskUpdate')
  const packs = updates.flatMap(
    ({ a }) => a[0] as [string, { state: string; errors?: { message: string }[] }, object][],
  )
  const [, result, meta] = packs.findLast(([id]) => id === 'module') ?? []
  return { state: result?.state, errors: result?.errors?.map(({ message }) => message), meta }
}

async function begin(context: ReturnType<typeof setup>): Promise<void> {
  const { pool, say, reaches } = context
  pool.send(request('start') as never)
  pool.send(run as never)
  await reaches('start')
  say(response('started'))
  await reaches('run')
  say({
    t: 'q',
    m: 'onCollected',
    a: [[{ id: 'module', filepath: '/app/a.test.ts', type: 'suite', meta: {}, tasks: [] }]],
  })
}

const end = (state: string) => ({
  t: 'q',
  i: 'worker-1',
  m: 'onTaskUpdate',
  a: [[['module', { state }, {}]], [['module', 'suite-finished']]],
})

describe('a file that runs to its end', () => {
  test('start is answered at once, and replayed when the sandbox is there, after what the worker must know', async () => {
    const context = setup()
    context.pool.send(request('start') as never)
    expect(context.toVitest).toEqual([response('started')])
    expect(context.sent).toEqual([])
    context.pool.send(run as never)
    await context.reaches('start')
    expect(context.sent[0]).toEqual({ glovebox: 'bootstrap', distPath: '/vitest/dist', env: { A: '2' } })
  })

  test('calls from Vitest wait until the worker has started, answers to it do not', async () => {
    const { pool, sent, say, reaches } = setup()
    const cancel = { t: 'q', m: 'onCancel', a: ['keyboard-input'] }
    const answer = { t: 's', i: 'worker-1' }
    pool.send(request('start') as never)
    pool.send(cancel as never)
    pool.send(run as never)
    await reaches('start')
    pool.send(answer as never)
    expect(sent).toContain(answer)
    expect(sent).not.toContain(cancel)
    say(response('started'))
    await reaches('run')
    expect(sent.indexOf(cancel)).toBeLessThan(sent.indexOf(run))
  })

  test('Vitest hears of the end of the module when the sandbox was judged, and then of the end of the run', async () => {
    const context = setup()
    await begin(context)
    context.say(end('pass'))
    context.say(response('testfileFinished'))
    await context.reaches('stop')
    expect(moduleEnd(context.toVitest).state).toBeUndefined()
    context.say(response('stopped', { error: 'teardown' }))
    await context.until('testfileFinished')
    expect(context.sandbox.finish).toHaveBeenCalledWith('passed', undefined, expect.anything())
    expect(moduleEnd(context.toVitest)).toMatchObject({ state: 'pass', meta: { glovebox: record } })
    context.pool.send(request('stop') as never)
    expect(context.toVitest.at(-1)).toEqual(response('stopped', { error: 'teardown' }))
  })

  test('a verdict fails a module that passed', async () => {
    const context = setup({ verdict: { kind: 'memory-limit', limit: 2 ** 26, peak: 2 ** 26, kills: 1 } })
    await begin(context)
    context.say(end('pass'))
    context.say(response('testfileFinished'))
    context.say(response('stopped'))
    await context.until('testfileFinished')
    expect(moduleEnd(context.toVitest)).toMatchObject({
      state: 'fail',
      errors: [expect.stringContaining('64MiB')],
    })
  })
})

describe('a file that does not', () => {
  test('a worker that dies before it started fails the module at once', async () => {
    const context = setup({ verdict: { kind: 'exited', code: 3 } })
    context.pool.send(request('start') as never)
    context.pool.send(run as never)
    await context.reaches('start')
    context.ended.resolve(undefined)
    await context.until('testfileFinished')
    expect(moduleEnd(context.toVitest)).toMatchObject({
      state: 'fail',
      errors: [expect.stringContaining('code 3')],
    })
    expect(context.toVitest.filter(isCall).map(({ m }) => m)).toEqual([
      'onQueued',
      'onCollected',
      'onTaskUpdate',
    ])
  })

  test('a worker that cannot begin fails the module with its error', async () => {
    const context = setup()
    context.pool.send(request('start') as never)
    context.pool.send(run as never)
    await context.reaches('start')
    context.say({ glovebox: 'unable', error: { name: 'Error', message: 'no Vitest here' } })
    await context.until('testfileFinished')
    expect(moduleEnd(context.toVitest)).toMatchObject({ state: 'fail', errors: ['no Vitest here'] })
  })

  test('an error of the policy or the sandbox fails the module, and counts for --bail', async () => {
    const profile = () =>
      Promise.reject(new GloveboxError('GLOVEBOX_CONFIG', 'a.test.ts: line 2: bad pragma'))
    const context = setup({ session: { profile }, bail: 1 })
    context.pool.send(request('start') as never)
    context.pool.send(run as never)
    await context.until('testfileFinished')
    expect(moduleEnd(context.toVitest).errors).toEqual(['a.test.ts: line 2: bad pragma'])
    expect(context.vitest.cancelCurrentRun).toHaveBeenCalledWith('test-failure')
  })

  test('stop in the middle kills the sandbox, and waits for it', async () => {
    const context = setup({
      verdict: { kind: 'killed', signal: 'SIGKILL', by: 'glovebox', detail: undefined },
    })
    await begin(context)
    await context.pool.stop()
    expect(context.sandbox.kill).toHaveBeenCalled()
    expect(context.sandbox.finish).toHaveBeenCalledWith(undefined, undefined, expect.anything())
  })
})
