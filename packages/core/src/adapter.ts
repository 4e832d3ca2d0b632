/** What the plugins build upon. Not for users: it changes with any release. */
export { GloveboxError } from './errors.js'
export type { Profile } from './plan/profile.js'
export type { Ending } from './sandbox/ending.js'
export { openSession } from './session/session.js'
export type {
  DiscardedWrite,
  FileRecord,
  Hints,
  Outcome,
  SandboxedWorker,
  Session,
  SessionOptions,
  WorkerChannel,
} from './session/types.js'
export { describeLeak, type Explanation, explain, explanationText } from './verdict/explain.js'
export type { Leak, Usage } from './verdict/usage.js'
export type { Verdict, VerdictKind } from './verdict/verdict.js'
