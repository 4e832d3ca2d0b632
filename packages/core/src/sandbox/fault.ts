import { type ErrorCode, GloveboxError } from '../errors.js'
import { errnoName } from '../host/errno.js'
import { explainFailure } from '../host/explain.js'
import { readHostKind } from '../host/kind.js'
import type { Message, RequestType } from './protocol.js'

/** What the supervisor said went wrong: stage, errno and path are kept apart from the message. */
export class SandboxFault extends GloveboxError {
  readonly stage: string
  readonly errno: number | undefined
  readonly path: string | undefined

  constructor(
    fault: { stage: string; errno?: number | undefined; path?: string | undefined; message: string },
    code: ErrorCode = 'GLOVEBOX_SANDBOX',
  ) {
    super(code, fault.message)
    this.stage = fault.stage
    this.errno = fault.errno
    this.path = fault.path
  }
}

/** The template failed, not what was to run in the sandbox: another start, of a fresh process, may succeed. */
export function isTemplateFault(error: unknown): error is SandboxFault {
  return error instanceof SandboxFault && error.stage.startsWith('template')
}

/** An `error` answer as an exception. */
export function faultOf(request: RequestType, answer: Message): SandboxFault {
  const stage = answer.get('stage') ?? request
  const errno = answer.number('errno') || undefined
  const path = answer.get('path') || undefined
  const reason = [errno === undefined ? undefined : errnoName(errno), answer.get('message')]
    .filter(Boolean)
    .join(': ')
  const message = `The sandbox failed at ${stage}${path ? ` (${path})` : ''}: ${reason || answer.get('code') || 'no reason given'}`
  return new SandboxFault({ stage, errno, path, message }, codeOf(answer.get('code')))
}

/** A request that core got wrong, or a failure of the system. */
function codeOf(code: string | undefined): ErrorCode {
  if (code === 'bad-request') return 'GLOVEBOX_PROTOCOL'
  return code === 'wrong-state' || code === 'unknown-sandbox' ? 'GLOVEBOX_STATE' : 'GLOVEBOX_SANDBOX'
}

/** The same error with what can be done about it on this host, if the host explains it; the fault stays as its cause. */
export function withRemedy(error: unknown, supervisor: string): unknown {
  if (!(error instanceof SandboxFault)) return error
  const explained = explainFailure(error, readHostKind(), supervisor)
  if (!explained) return error
  explained.cause = error
  return explained
}
