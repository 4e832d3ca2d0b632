/** The public API of @glovebox/core. */

export type { GloveboxOptions } from './config/options.js'
export { type ErrorCode, errorCodes, GloveboxError } from './errors.js'
export type { IoLimit, Limits, Mount, NetworkPolicy, Profile } from './plan/profile.js'
export type { Change } from './sandbox/changes.js'
export { createSandbox, type SandboxOptions } from './sandbox/create.js'
export type { Ending } from './sandbox/ending.js'
export type { HitLimit, RunOptions, Sandbox, SandboxedProcess } from './sandbox/sandbox.js'
export type { Leak, Usage } from './verdict/usage.js'
export type { Verdict, VerdictKind } from './verdict/verdict.js'
