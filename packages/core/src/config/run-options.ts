import type { GloveboxOptions } from './options.js'

/** Options for one run, from the environment: the command lines of runners know no options of plugins. */
export function withRunOptions(
  options: GloveboxOptions,
  environment: NodeJS.ProcessEnv = process.env,
): GloveboxOptions {
  const table = environment.GLOVEBOX_REPORT as ReportTable | undefined
  if (!table) return options
  const { report } = options
  return { ...options, report: typeof report === 'object' ? { ...report, table } : table }
}

type ReportTable = 'auto' | 'full' | 'off'
