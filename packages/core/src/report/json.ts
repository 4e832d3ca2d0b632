import type { FileReport, TestedFile } from './file-report.js'

export interface JsonReportInput {
  /** Name and version: `vitest 5.1.1`. */
  runner: string
  files: readonly (FileReport | TestedFile)[]
}

/** The content of `glovebox.json`; docs/report.md describes it. Keys that could not be measured are absent. Pure. */
export function jsonReport({ runner, files }: JsonReportInput): string {
  const sorted = [...files].sort(
    (a, b) => compare(a.file, b.file) || compare(a.project ?? '', b.project ?? ''),
  )
  return `${JSON.stringify({ version: 1, runner, files: sorted.map(withoutTests) }, null, 2)}\n`
}

/** Of tests, the runner's own reports tell more. */
function withoutTests(file: FileReport | TestedFile): FileReport {
  const { tests: _, error: __, ...rest } = { tests: undefined, error: undefined, ...file }
  return rest
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
