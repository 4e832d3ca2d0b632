import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { GloveboxError } from '../../errors.js'
import type { Usage } from '../../verdict/usage.js'
import type { Experiment } from '../experiment.js'
import type { Setting } from '../setting.js'
import type { Cell } from './cell.js'

/** What one cell found, as it is written to a file: all trials, no answer. */
export interface Part {
  /** Of this format. */
  gloveboxPart: 1
  cell: Cell
  file: string
  testName?: string | undefined
  runner: string
  /** Text of the test file, in which the answer shows suspicious lines. */
  source: string
  setting: Setting
  experiment: Experiment
  /** What the file used when nothing held it back. */
  usage?: Usage | undefined
  /** Why it ended before its own end. */
  stopped?: 'budget' | 'interrupted' | undefined
  /** Milliseconds. */
  took: number
}

/** Whole or not at all: a job may be ended at any moment. Throws GLOVEBOX_CONFIG where it cannot be written. */
export function writePart(path: string, part: Part): void {
  const half = `${path}.${process.pid}`
  try {
    writeFileSync(half, `${JSON.stringify(part)}\n`)
    renameSync(half, path)
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `--part ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Throws GLOVEBOX_CONFIG for what is no part. */
export function readPart(path: string): Part {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `${path}: ${(cause as Error).message}`, {
      remedy: 'Parts are the files that `glovebox diagnose --cell i/n` writes.',
      cause,
    })
  }
  const { success, error } = schema.safeParse(value)
  if (success) return value as Part
  const [issue] = error.issues
  throw new GloveboxError(
    'GLOVEBOX_CONFIG',
    `${path}: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`,
    {
      remedy: 'Parts are the files that `glovebox diagnose --cell i/n` writes, of this version of Glovebox.',
    },
  )
}

const count = z.int().nonnegative()

const arm = z.looseObject({
  perturbation: z.looseObject({ id: z.string(), label: z.string(), dimension: z.string() }),
  tally: z.object({ failed: count, passed: count }),
  failures: z.array(z.looseObject({ test: z.string(), message: z.string() })),
  seeds: z.object({ failed: z.array(z.int()), passed: z.array(z.int()) }),
  begun: count,
  mishaps: count,
  unusable: z.string().optional(),
})

const schema = z.looseObject({
  gloveboxPart: z.literal(1),
  cell: z.object({ index: z.int().positive(), of: z.int().positive() }),
  file: z.string(),
  testName: z.string().optional(),
  runner: z.string(),
  source: z.string(),
  took: z.number(),
  stopped: z.enum(['budget', 'interrupted']).optional(),
  setting: z.looseObject({
    date: z.string(),
    sha256: z.string(),
    jobs: z.int(),
    versions: z.looseObject({ glovebox: z.string(), node: z.string(), runner: z.string() }),
    machine: z.looseObject({ cpus: z.int(), model: z.string(), memory: z.number(), system: z.string() }),
  }),
  experiment: z.looseObject({ stage: count, baseline: arm, arms: z.array(arm) }),
})
