import type { GloveboxOptions } from '@glovebox/core/adapter'

/** Options for one run, from the environment: Vitest's command line knows no options of plugins. */
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
