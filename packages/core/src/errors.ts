/**
 * Every error that Glovebox itself raises. `code` is stable and documented in docs/errors.md; the message says what
 * is wrong, where (file, key, value), and what to do about it.
 */
export class GloveboxError extends Error {
  override readonly name = 'GloveboxError'
  readonly code: ErrorCode
  /** What the user can do about it; also the last line of the message. */
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    // An own `cause`, even undefined, is printed.
    const rest = options.cause === undefined ? {} : { cause: options.cause }
    super(options.remedy ? `${message}\n  ${options.remedy}` : message, rest)
    this.code = code
    this.remedy = options.remedy
  }
}

/** Each code has an entry in docs/errors.md; a test compares the two. */
export const errorCodes = [
  'GLOVEBOX_CONFIG', // an option, pragma or flag is wrong
  'GLOVEBOX_UNSUPPORTED_PLATFORM', // not Linux, or an architecture without a supervisor
  'GLOVEBOX_NO_SUPERVISOR', // the native executable is missing or cannot be executed
  'GLOVEBOX_UNSUPPORTED_HOST', // the host refuses an isolation that the profile promises
  'GLOVEBOX_SANDBOX', // the sandbox broke while being made, run or destroyed
  'GLOVEBOX_PROTOCOL', // supervisor and core do not understand each other
  'GLOVEBOX_UNSUPPORTED_RUNNER', // a version of Vitest or Jest that has no adapter
  'GLOVEBOX_HISTORY', // the database of earlier runs cannot be read or written
  'GLOVEBOX_STATE', // the API was called in the wrong order
] as const

export type ErrorCode = (typeof errorCodes)[number]
