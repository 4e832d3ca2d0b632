/**
 * Runs a test file that does nothing through the whole of Vitest's runtime, in a template, so that what every file loads, compiles
 * and allocates is there when workers are forked. Nobody is at the other end: the calls are answered here. As with
 * `isolate: false`, where one process runs file after file, Vitest starts anew for the file that follows.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { deserialize } from 'node:v8'
import type { Preloading } from '@glovebox/core/adapter'
import { changedVariables, setUp, setUpAhead } from './ahead.js'
import { exerciseDom } from './exercise-dom.js'
import { converseLocally } from './local-conversation.js'
import { poolName } from './pool-name.js'
import { type RpcCall, type RunnerRequest, request, type StartRequest } from './protocol.js'
import { loadVitest } from './vitest-runtime.js'

export interface WarmUp {
  /** `dist` of the user's Vitest. */
  distPath: string
  /** `v8.serialize` of the project's serialized configuration, in base64. */
  config: string
  environment: { name: string; options: unknown }
  /** Whether the environment may be set up in the template, for all workers that are forked from it. */
  ahead: boolean
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

/** What Vitest does once a process, as the warm-up left it: what is not to be seen in a template is to be done again in a fork. */
export interface Once {
  /** Variables. A fork is given an environment of its own, without them. */
  variables: Readonly<Record<string, string>>
  /** Instead of `process.exit` while tests run: throws. */
  exit: typeof process.exit
}

let once: Once | undefined

/** `undefined` in a process that was not warmed. */
export function doneOnce(): Once | undefined {
  return once
}

export async function warm(
  { distPath, config, environment, ahead }: WarmUp,
  preload: Preloading,
): Promise<void> {
  const before = { ...process.env }
  const { exit } = process
  const { vitest } = await loadVitest(distPath)
  const project = deserialize(Buffer.from(config, 'base64')) as Record<string, unknown> & { root: string }
  const file = join(project.root, '.glovebox-warm-up.test.js')
  const console = globalThis.console
  const conversation = converseLocally(
    vitest,
    (call) => reply(call, file, distPath),
    // Modules that look for a DOM when they are loaded find it; if there is one that will last, they find that.
    () => {
      exerciseDom()
      return ahead ? undefined : preload.load()
    },
  )
  // A debugger is for test files alone: here it would take the port, and wait for somebody to attach.
  const off = { setupFiles: [], coverage: { enabled: false, reporter: [] }, inspector: { enabled: false } }
  const warmed = await setUp(conversation, start({ ...project, ...off }, { ...environment, options: {} }))
  await conversation.ask(run(file, environment), 'testfileFinished')
  await warmed.stop()
  once = { variables: changedVariables(before), exit: process.exit }
  process.exit = exit
  if (!ahead) return
  // Vitest's own console is made when the first file runs: an environment finds that of Node.js.
  const itsConsole = globalThis.console
  globalThis.console = console
  await setUpAhead(vitest, start(project, environment))
  globalThis.console = itsConsole
  await preload.load()
}

function start(config: unknown, environment: WarmUp['environment']): StartRequest {
  return {
    ...request('start'),
    type: 'start',
    poolId: 1,
    workerId: 1,
    options: { reportMemory: false },
    context: { environment, config, pool: poolName },
    traces: { enabled: false },
  }
}

function run(file: string, environment: WarmUp['environment']): RunnerRequest {
  const files = [{ filepath: file, fileTags: [] }]
  const context = { files, invalidates: [], providedContext: {}, workerId: 1, environment }
  return request('run', { context })
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
