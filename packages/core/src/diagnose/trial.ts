/** The process of one trial: `tinypool` starts it, hands it one task, and ends it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { mergeOptions } from '../config/merge.js'
import type { FileOptions } from '../config/options.js'
import { trialVariable } from '../config/run-options.js'
import { GloveboxError } from '../errors.js'
import { jestTrial } from './jest-trial.js'
import { judgeTrial } from './judge-trial.js'
import type { Observation, Orders } from './perturbation.js'
import type { RunnerResult, TrialResult, TrialTask } from './trial-types.js'
import { ordersVariable } from './variables.js'
import { vitestTrial } from './vitest-trial.js'

const inside = new URL('./inside.js', import.meta.url)
const timekeeper = createRequire(import.meta.url).resolve('timekeeper')

export default async function trial(task: TrialTask): Promise<TrialResult> {
  const output = capture()
  const directory = task.observe
  process.env[trialVariable] = JSON.stringify(optionsOf(task))
  const result = await run(task, output.stream)
  const file = task.file.slice(task.root.length + 1)
  if (result.record === undefined && !result.errors.some(isOurs)) {
    return { outcome: { kind: 'unusable', reason: 'it did not run in a sandbox' }, unsandboxed: true }
  }
  return {
    outcome: judgeTrial(result, file, task.testName),
    ...(result.record && { usage: result.record.usage }),
    ...(directory !== undefined && { observation: readObservation(directory) }),
    ...(task.keepOutput && { output: output.text() }),
  }
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
function optionsOf({ change, observe: directory, root }: TrialTask): FileOptions {
  const base: FileOptions = {
    env: { unset: [trialVariable, 'TINYPOOL_WORKER_ID'] },
    // A hang would use up the time of the others.
    limits: { timeout: '1m' },
  }
  const orders: Orders = {
    ...change.inside,
    ...(directory !== undefined && {
      observe: { report: join(directory, 'seen.json'), project: root },
    }),
  }
  if (Object.keys(orders).length === 0) return mergeOptions(base, change.options ?? {})
  const nodeOptions = process.env.NODE_OPTIONS
  const preload: FileOptions = {
    env: {
      set: {
        NODE_OPTIONS: `${nodeOptions ?? ''} --import=${inside.href}`.trim(),
        [ordersVariable]: JSON.stringify({ orders: withLibrary(orders), nodeOptions }),
      },
    },
    filesystem: {
      readonly: [dirname(fileURLToPath(inside)), dirname(timekeeper)],
      ...(directory !== undefined && { writable: [directory] }),
    },
  }
  return mergeOptions(base, preload, change.options ?? {})
}

function withLibrary(orders: Orders): Orders {
  return orders.date === undefined ? orders : { ...orders, date: { ...orders.date, timekeeper } }
}

function isOurs(error: string): boolean {
  return error.startsWith('GLOVEBOX_')
}

function readObservation(directory: string): Observation {
  try {
    return JSON.parse(readFileSync(join(directory, 'seen.json'), 'utf8')) as Observation
  } catch {
    // The worker was killed before it could write.
    return { ports: [], leftovers: [] }
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
