/**
 * Runs a test file that does nothing through the whole of Vitest's runtime, in a template, so that what every file loads, compiles
 * and allocates is there when workers are forked. Nobody is at the other end: the calls are answered here. As with
 * `isolate: false`, where one process runs file after file, Vitest starts anew for the file that follows.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import type { Preloading } from '@glovebox/core/adapter'
import { isCall, isResponse, type RpcCall, request } from './protocol.js'
import { type Listener, loadVitest, ownTests } from './vitest-runtime.js'

export interface WarmUp {
  /** `dist` of the user's Vitest. */
  distPath: string
  /** `v8.serialize` of the project's serialized configuration, in base64. */
  config: string
  environment: { name: string; options: unknown }
}

/** How often the file's tests run: enough for the hot paths to have been compiled. */
const TESTS = 3

const program = `
const { describe, test, expect, beforeEach } = await __vite_ssr_import__('vitest')
describe('warm-up', () => {
  beforeEach(() => {})
  for (let i = 0; i < ${TESTS}; i++) {
    test('test ' + i, async () => {
      await null
      expect(1).toBe(1)
      expect({ a: [1, 2] }).toEqual({ a: [1, 2] })
      expect('abc').toContain('b')
      expect([1]).toHaveLength(1)
      expect(() => { throw new Error('expected') }).toThrow('expected')
    })
  }
})
`

/** Variables that Vitest sets once a process. A fork is given an environment of its own, without them. */
const variables: Record<string, string> = {}

export function variablesOfWarmUp(): Readonly<Record<string, string>> {
  return variables
}

export async function warm({ distPath, config, environment }: WarmUp, preload: Preloading): Promise<void> {
  const before = { ...process.env }
  const { vitest } = await loadVitest(distPath)
  const project = deserialize(Buffer.from(config, 'base64')) as Record<string, unknown> & { root: string }
  const file = join(project.root, '.glovebox-warm-up.test.js')
  const listeners = new Set<Listener>()
  // Through the serializer, which is part of what is warmed.
  const deliver = (message: unknown): void => {
    const bytes = serialize(message)
    setImmediate(() => {
      for (const listener of [...listeners]) listener(deserialize(bytes))
    })
  }
  await new Promise<void>((resolve, reject) => {
    const tests = ownTests(vitest)
    vitest.init({
      ...tests,
      // The environment is set up by then; modules that look for a DOM when they are loaded find it.
      runTests: async (state, traces) => {
        await preload.load().catch(reject)
        await tests.runTests(state, traces)
      },
      post: (message) => {
        if (isCall(message)) answer(message)
        else if (isResponse(message) && message.error !== undefined) reject(message.error)
        else if (isResponse(message) && message.type === 'started') deliver(run(file, environment))
        else if (isResponse(message) && message.type === 'testfileFinished') deliver(request('stop'))
        else if (isResponse(message) && message.type === 'stopped') resolve()
      },
      on: (listener) => listeners.add(listener),
      off: (listener) => listeners.delete(listener),
    })
    const answer = (call: RpcCall): void => {
      const result = reply(call, file, distPath)
      if (call.i !== undefined) deliver({ t: 's', i: call.i, r: result })
    }
    // A debugger is for test files alone: here it would take the port, and wait for somebody to attach.
    const off = { setupFiles: [], coverage: { enabled: false, reporter: [] }, inspector: { enabled: false } }
    deliver(start({ ...project, ...off }, environment))
  })
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && before[name] === undefined) variables[name] = value
  }
}

function start(config: unknown, environment: WarmUp['environment']): unknown {
  return {
    ...request('start'),
    poolId: 1,
    workerId: 1,
    options: { reportMemory: false },
    context: { environment, config, pool: 'glovebox' },
    traces: { enabled: false },
  }
}

function run(file: string, environment: WarmUp['environment']): unknown {
  const files = [{ filepath: file, fileTags: [] }]
  return {
    ...request('run'),
    context: {
      files,
      invalidates: [],
      providedContext: {},
      workerId: 1,
      environment,
    },
  }
}

/** What Vitest's main process would answer. */
function reply(call: RpcCall, file: string, distPath: string): unknown {
  if (call.m === 'fetch') {
    return call.a[0] === 'vitest'
      ? { externalize: pathToFileURL(join(distPath, 'index.js')).href, type: 'module' }
      : { code: program, file, id: file, url: file, invalidate: false }
  }
  if (call.m === 'resolve') return { id: file, file, url: file }
  if (call.m === 'resolveSnapshotPath') return `${file}.snap`
  return undefined
}
