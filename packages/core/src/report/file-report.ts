import type { FileRecord } from '../session/types.js'

/** A test file and its record, as adapters hand it to the reports. */
export interface FileReport extends FileRecord {
  /** Relative to the runner's root. */
  file: string
  /** Name of the runner's project, if it has one. */
  project?: string
  state: 'passed' | 'failed' | 'skipped' | 'pending' | 'queued'
}

/** How a report names a file. */
export function fileName({ file, project }: FileReport): string {
  return project === undefined ? file : `${project} ${file}`
}

/** User and system time together, microseconds. */
export function cpuTime({ usage }: FileReport): number | undefined {
  const { cpuUser, cpuSystem } = usage
  return cpuUser === undefined || cpuSystem === undefined ? undefined : cpuUser + cpuSystem
}
