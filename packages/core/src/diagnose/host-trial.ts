import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { mergeOptions } from '../config/merge.js'
import type { FileOptions } from '../config/options.js'
import { trialVariable } from '../config/run-options.js'
import { markOf } from '../config/trial-mark.js'
import { GloveboxError } from '../errors.js'
import { cacheVariable, isOwnCache } from './compile-cache.js'
import { jestTrial } from './jest-trial.js'
import { judgeTrial, type TrialSource } from './judge-trial.js'
import type { Observation, Orders } from './perturbation.js'
import type { RunnerResult, TrialResult, TrialTask } from './trial-types.js'
import { ordersVariable } from './variables.js'
import { vitestTrial } from './vitest-trial.js'

const inside = new URL('./inside.js', import.meta.url)
const timekeeper = createRequire(import.meta.url).resolve('timekeeper')

/** Runs the file once, in this process and a worker of its runner. To be called once in a process. */
export async function hostTrial(task: TrialTask): Promise<TrialResult> {
  const output = capture()
  const place = join(task.scratch, randomUUID())
  const paths: Paths = { taken: `${place}.taken`, seen: `${place}.json` }
  const options = JSON.stringify(optionsOf(task, paths))
  process.env[trialVariable] = options
  const result = await run(task, output.stream)
  const { record } = result
  if (record === undefined && !result.errors.some(isOurs)) {
    return { outcome: { kind: 'unusable', reason: 'it did not run in a sandbox' }, unsandboxed: true }
  }
  const ordered = Object.keys(ordersOf(task, paths)).length > 0
  const ignored = whyIgnored(task, record, options, ordered && !existsSync(paths.taken))
  const observation = task.observe && readObservation(paths.seen)
  return {
    outcome: ignored ? { kind: 'unusable', reason: ignored } : judgeTrial(result, sourceOf(task)),
    ...(result.tests.length > 0 && { tests: result.tests.length }),
    ...(record && { usage: record.usage }),
    ...(record?.network && { network: record.network }),
    ...(observation && { observation }),
    ...(task.keepOutput && { output: output.text() }),
  }
}

/** What the orders for a worker are written to. */
interface Paths {
  /** Made when they were carried out. */
  taken: string
  seen: string
}

function sourceOf({ file, root, testName }: TrialTask): TrialSource {
  return { name: file.slice(root.length + 1), text: readFileSync(file, 'utf8'), testName }
}

/**
 * A trial that was not what it is taken for would speak for another arm: the adapter acknowledges the options, and the worker its orders,
 * unless it ended before it could.
 */
function whyIgnored(
  { runner, root }: TrialTask,
  record: RunnerResult['record'],
  options: string,
  untaken: boolean,
): string | undefined {
  if (record === undefined) return undefined
  const adapter = runner === 'vitest' ? '@glovebox/vitest-plugin' : '@glovebox/jest-env'
  if (record.trial !== markOf(options))
    return `the ${adapter} that is installed in ${root} did not take what the trial changes, perhaps because it is older than this command; install the same version of both`
  if (untaken && record.verdict.kind === 'passed-through')
    return 'the worker did not take what the trial changes inside: it ignores NODE_OPTIONS, or cannot write to the directory of the experiment'
  return undefined
}

async function run(task: TrialTask, output: PassThrough): Promise<RunnerResult> {
  try {
    return await (task.runner === 'vitest' ? vitestTrial(task, output) : jestTrial(task))
  } catch (thrown) {
    const error = thrown as Error
    const code = error instanceof GloveboxError || error.name === 'GloveboxError'
    if (!code) throw thrown
    return { tests: [], errors: [`${(error as GloveboxError).code}: ${error.message}`], record: undefined }
  }
}

/** What is laid over the user's options: the perturbation's, and what its orders for the worker need. */
function optionsOf(task: TrialTask, paths: Paths): FileOptions {
  const { change, scratch } = task
  const base: FileOptions = {
    env: { unset: [trialVariable, 'TINYPOOL_WORKER_ID', ...(isOwnCache(scratch) ? [cacheVariable] : [])] },
    // A hang would use up the time of the others.
    limits: { timeout: '1m' },
  }
  const orders = ordersOf(task, paths)
  if (Object.keys(orders).length === 0) return mergeOptions(base, change.options ?? {})
  const nodeOptions = process.env.NODE_OPTIONS
  const preload: FileOptions = {
    env: {
      set: {
        NODE_OPTIONS: `${nodeOptions ?? ''} --import=${inside.href}`.trim(),
        [ordersVariable]: JSON.stringify({
          orders: withLibrary({ ...orders, taken: paths.taken }),
          nodeOptions,
        }),
      },
    },
    filesystem: {
      readonly: [dirname(fileURLToPath(inside)), dirname(timekeeper)],
      writable: [scratch],
    },
  }
  return mergeOptions(base, preload, change.options ?? {})
}

function ordersOf({ change, observe, root }: TrialTask, { seen }: Paths): Orders {
  return { ...change.inside, ...(observe && { observe: { report: seen, project: root } }) }
}

function withLibrary(orders: Orders): Orders {
  return orders.date === undefined ? orders : { ...orders, date: { ...orders.date, timekeeper } }
}

function isOurs(error: string): boolean {
  return error.startsWith('GLOVEBOX_')
}

function readObservation(path: string): Observation | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Observation
  } catch {
    // The worker was killed before it could write.
    return undefined
  }
}

/** Whatever the runner writes, wherever: the terminal belongs to the experiment. */
function capture(): { stream: PassThrough; text(): string } {
  const chunks: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  for (const own of [process.stdout, process.stderr]) {
    own.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
      chunks.push(Buffer.from(chunk as string))
      for (const each of rest) if (typeof each === 'function') each()
      return true
    }) as typeof own.write
  }
  return { stream, text: () => Buffer.concat(chunks).toString() }
}
