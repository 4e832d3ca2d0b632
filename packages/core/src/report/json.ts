import type { FileReport } from './file-report.js'

export interface JsonReportInput {
  /** Name and version: `vitest 5.1.1`. */
  runner: string
  files: readonly FileReport[]
}

/** The content of `glovebox.json`; docs/report.md describes it. Keys that could not be measured are absent. Pure. */
export function jsonReport({ runner, files }: JsonReportInput): string {
  const sorted = [...files].sort(
    (a, b) => compare(a.file, b.file) || compare(a.project ?? '', b.project ?? ''),
  )
  return `${JSON.stringify({ version: 1, runner, files: sorted }, null, 2)}\n`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
