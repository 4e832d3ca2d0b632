import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { ownVersion } from '../version.js'
import type { Tally } from './statistics.js'
import type { RunnerName } from './trial-types.js'

/** Where and how an experiment was made; part of its JSON. */
export interface Setting {
  /** When it began, ISO 8601. */
  date: string
  /** Milliseconds it may take. */
  budget: number
  /** Trials at once. */
  jobs: number
  /** Dimensions, where not all were asked for. */
  only?: string
  /** Files that were run at the same time, where some were named. */
  with?: readonly string[]
  /** SHA-256 of the test file. */
  sha256: string
  /** Commit of the repository that the file is in; absent outside of one. */
  commit?: string
  versions: { glovebox: string; node: string; runner: string }
  machine: Machine
  /** Where it was split: what differs between the machines. `machine` and `jobs` are then those of one. */
  cells?: CellSetting[]
}

export interface CellSetting {
  /** From 1. */
  index: number
  jobs: number
  machine: Machine
  /** Milliseconds. */
  took: number
  /** Trials without a change, of this cell. */
  baseline: Tally
}

export interface Machine {
  /** CPUs that may be used, and their model. */
  cpus: number
  model: string
  /** Bytes. */
  memory: number
  /** `linux x64 6.1.0`. */
  system: string
}

export interface SettingInput {
  root: string
  file: string
  runner: RunnerName
  budget: number
  jobs: number
  only: string | undefined
  beside: readonly string[]
  begun: number
}

/** Reads what a later reader of the answer wants to know. Never throws. */
export function readSetting({
  root,
  file,
  runner,
  budget,
  jobs,
  only,
  beside,
  begun,
}: SettingInput): Setting {
  const commit = commitOf(dirname(file))
  return {
    date: new Date(begun).toISOString(),
    budget,
    jobs,
    ...(only !== undefined && { only }),
    ...(beside.length > 0 && { with: beside }),
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    ...(commit !== undefined && { commit }),
    versions: { glovebox: ownVersion(), node: process.version, runner: versionOf(root, runner) },
    machine: {
      cpus: os.availableParallelism(),
      model: os.cpus()[0]?.model.trim() ?? 'unknown',
      memory: os.totalmem(),
      system: `${process.platform} ${process.arch} ${os.release()}`,
    },
  }
}

function versionOf(root: string, runner: RunnerName): string {
  try {
    const require = createRequire(join(root, 'package.json'))
    return (require(`${runner}/package.json`) as { version: string }).version
  } catch {
    return 'unknown'
  }
}

function commitOf(directory: string): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    // No repository, or no git.
    return undefined
  }
}
