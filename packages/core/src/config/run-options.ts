import { GloveboxError } from '../errors.js'
import type { FileOptions, GloveboxOptions, ReportTable } from './options.js'
import { parseCount } from './units.js'

/** Where a trial of `glovebox diagnose` finds what it changes: JSON of `FileOptions`. */
export const trialVariable = 'GLOVEBOX_TRIAL'

/** What a run is started with besides its configuration. */
export interface RunInput {
  environment: NodeJS.ProcessEnv
  /** The command line of the runner. */
  args: readonly string[]
}

/**
 * Options for one run, from its environment and command line: runners know no options of plugins. Throws GLOVEBOX_CONFIG for a number of
 * runs that is none.
 */
export function withRunOptions(
  options: GloveboxOptions,
  { environment, args }: RunInput = { environment: process.env, args: process.argv.slice(2) },
): GloveboxOptions {
  // A trial runs one file once: a template would cost more than it saves, and nobody reads a table.
  if (environment[trialVariable])
    return {
      ...options,
      worker: 'spawn',
      report: { table: 'off', github: 'off' },
      flaky: undefined,
      stress: undefined,
      ...(changesLimits(environment) && { onUnsupported: 'error' }),
    }
  const table = environment.GLOVEBOX_REPORT as ReportTable | undefined
  const stress = stressOf(environment, args)
  const { report } = options
  return {
    ...options,
    ...(table && { report: typeof report === 'object' ? { ...report, table } : table }),
    ...(stress !== undefined && { stress }),
  }
}

/** What a trial lays over everything that the user wrote, docblocks included. Not validated. */
export function trialOptions(environment: NodeJS.ProcessEnv = process.env): FileOptions | undefined {
  const text = environment[trialVariable]
  return text ? (JSON.parse(text) as FileOptions) : undefined
}

/** A limit that the host cannot enforce would be dropped, and the trial would speak for something that was not tried. */
function changesLimits(environment: NodeJS.ProcessEnv): boolean {
  return Object.keys(trialOptions(environment)?.limits ?? {}).some((name) => name !== 'timeout')
}

const flag = '--glovebox.stress'

/** `--glovebox.stress 20`, `--glovebox.stress=20`, `GLOVEBOX_STRESS=20`. */
function stressOf(environment: NodeJS.ProcessEnv, args: readonly string[]): number | undefined {
  const at = args.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`))
  const arg = args[at]
  const [typed, value] =
    arg === undefined
      ? [`GLOVEBOX_STRESS=${environment.GLOVEBOX_STRESS}`, environment.GLOVEBOX_STRESS]
      : arg === flag
        ? [`${flag} ${args[at + 1] ?? ''}`, args[at + 1] ?? '']
        : [arg, arg.slice(flag.length + 1)]
  if (value === undefined || (arg === undefined && value === '')) return undefined
  const count = parseCount(value)
  if (count !== undefined && count >= 1 && count <= 100_000) return count
  throw new GloveboxError('GLOVEBOX_CONFIG', `${typed}: a whole number from 1 to 100000 is needed`)
}
