import type { FileOptions, GloveboxOptions } from './options.js'

/** Where a trial of `glovebox diagnose` finds what it changes: JSON of `FileOptions`. */
export const trialVariable = 'GLOVEBOX_TRIAL'

/** Options for one run, from the environment: the command lines of runners know no options of plugins. */
export function withRunOptions(
  options: GloveboxOptions,
  environment: NodeJS.ProcessEnv = process.env,
): GloveboxOptions {
  // A trial runs one file once: a template would cost more than it saves, and nobody reads a table.
  if (environment[trialVariable]) return { ...options, worker: 'spawn', report: 'off', flaky: undefined }
  const table = environment.GLOVEBOX_REPORT as ReportTable | undefined
  if (!table) return options
  const { report } = options
  return { ...options, report: typeof report === 'object' ? { ...report, table } : table }
}

/** What a trial lays over everything that the user wrote, docblocks included. Not validated. */
export function trialOptions(environment: NodeJS.ProcessEnv = process.env): FileOptions | undefined {
  const text = environment[trialVariable]
  return text ? (JSON.parse(text) as FileOptions) : undefined
}

type ReportTable = 'auto' | 'full' | 'off'
