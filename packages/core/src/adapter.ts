/** What the plugins build upon. Not for users: it changes with any release. */
export type { GloveboxOptions } from './config/options.js'
export { parseOptions } from './config/parse.js'
export type { FlakyOptions, ReportOptions } from './config/parsed-options.js'
export { withRunOptions } from './config/run-options.js'
export { standsAside } from './config/trial-mark.js'
export { GloveboxError } from './errors.js'
export { describeQuarantined, type Quarantined } from './flaky/quarantine.js'
export type { Profile } from './plan/profile.js'
export type { FileReport, TestedFile, TestReport } from './report/file-report.js'
export { reportRun } from './report/report-run.js'
export type { Ending } from './sandbox/ending.js'
export { failUntilDone } from './session/exit-guard.js'
export { openSession } from './session/session.js'
export type {
  FileRecord,
  Hints,
  Launch,
  Outcome,
  SandboxedWorker,
  Session,
  SessionOptions,
  WorkerChannel,
} from './session/types.js'
export type { TestTime } from './verdict/blocked.js'
export { describeLeak, type Explanation, explain, explanationText } from './verdict/explain.js'
export { type Flakiness, flakyMessage, isSameTest, type TestFailure } from './verdict/flakiness.js'
export { forkRefused } from './verdict/fork-refused.js'
export { portsInUse } from './verdict/ports-in-use.js'
export { type RunResult, type StressTally, stressMessage, tallyOf } from './verdict/stress.js'
export type { Blocked, DiscardedWrite, Leak, Usage } from './verdict/usage.js'
export type { Verdict, VerdictKind } from './verdict/verdict.js'
export type { NetworkRefusal } from './worker/observe-network.js'
export type { Preloading } from './worker/preload.js'
