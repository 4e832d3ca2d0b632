import type { FileRecord } from '../session/types.js'

/** A test file and its record, as adapters hand it to the reports. */
export interface FileReport extends FileRecord {
  /** Relative to the runner's root. */
  file: string
  /** Name of the runner's project, if it has one. */
  project?: string
  state: 'passed' | 'failed' | 'skipped' | 'pending' | 'queued'
}

/** A file with its tests: what the history and the formats of CI services are made of. */
export interface TestedFile extends FileReport {
  tests: readonly TestReport[]
  /** Why it failed, besides its tests: it could not be loaded, hit a limit, is flaky. */
  error?: string
}

/** How a test ended, the last time that it was executed. */
export interface TestReport {
  /** Suites first, the test last. */
  name: readonly string[]
  state: 'passed' | 'failed' | 'skipped'
  /** Milliseconds. */
  duration?: number
  /** Of its first error, with what the runner prints below it. */
  message?: string
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
