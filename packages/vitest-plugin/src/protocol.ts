import type { RunnerTask, RunnerTaskEventPack, RunnerTaskResultPack } from 'vitest'

/**
 * What travels between Vitest's main process and one of its workers, as far as the pool reads it, and the plugin's own
 * messages beside it. Same in Vitest 4.1 and 5.1.
 *
 * ```
 * Vitest ── start ──▶ pool              answered at once: the file is not known yet
 * Vitest ── run ────▶ pool ── bootstrap, start ──▶ worker
 *                     pool ◀── started ────────── worker
 *                     pool ── run ──────────────▶ worker
 * Vitest ◀─ calls ─── pool ◀── calls, notes ───── worker      (calls are answered by Vitest)
 *                     pool ◀── testfileFinished ─ worker
 *                     pool ── stop ─────────────▶ worker
 *                     pool ◀── stopped ────────── worker      then the sandbox ends and is judged
 * Vitest ◀─ module end, testfileFinished ─ pool
 * ```
 */
export interface RunnerRequest {
  __vitest_worker_request__: true
  type: 'start' | 'run' | 'collect' | 'stop'
  context?: { files?: { filepath: string }[] }
  otelCarrier?: unknown
}

/** `start`, as far as a worker must know it. */
export interface StartRequest extends Omit<RunnerRequest, 'context'> {
  type: 'start'
  poolId: number
  workerId: number
  options: unknown
  context: { environment: { name: string; options: unknown }; config: unknown; pool: string }
  traces: { enabled: boolean }
}

export interface RunnerResponse {
  __vitest_worker_response__: true
  type: 'started' | 'testfileFinished' | 'stopped'
  error?: unknown
  usedMemory?: number
}

/** A call of birpc, in either direction; without `i` nobody waits for a reply. */
export interface RpcCall {
  t: 'q'
  m: string
  a: unknown[]
  i?: string
}

export interface RpcReply {
  t: 's'
  i: string
  r?: unknown
  e?: unknown
}

export type TaskUpdate = [packs: RunnerTaskResultPack[], events: RunnerTaskEventPack[]]

/** The first message to a worker. */
export interface Bootstrap {
  glovebox: 'bootstrap'
  /** `dist` of the user's Vitest. */
  distPath: string
  /** Variables of this project that differ from the session's; `undefined` takes one away. */
  env: Record<string, string | undefined>
}

/** What the worker tells the pool beside Vitest's own messages. */
export type Note =
  /** A test began or ended, `at` microseconds of the monotonic clock: Vitest's own updates are held back for up to 100 ms, and lost with the process. */
  | { glovebox: 'test'; id: string; result: RunnerTask['result']; at: number }
  /** Vitest wrote (or removed) this snapshot. */
  | { glovebox: 'wrote'; path: string }
  /** The content of a file that the next artifact refers to by path. */
  | { glovebox: 'attachment'; path: string; content: Uint8Array }
  /** The file asked for a host that its network does not reach. */
  | { glovebox: 'refused'; kind: 'name' | 'address'; host: string; port?: number }
  /** The worker cannot begin. */
  | { glovebox: 'unable'; error: unknown }

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

export function isRequest(message: unknown): message is RunnerRequest {
  return isObject(message) && message.__vitest_worker_request__ === true
}

export function isStart(message: unknown): message is StartRequest {
  return isObject(message) && message.__vitest_worker_request__ === true && message.type === 'start'
}

export function isResponse(message: unknown): message is RunnerResponse {
  return isObject(message) && message.__vitest_worker_response__ === true
}

export function isCall(message: unknown): message is RpcCall {
  return isObject(message) && message.t === 'q'
}

export function isReply(message: unknown): message is RpcReply {
  return isObject(message) && message.t === 's'
}

export function isNote(message: unknown): message is Note {
  return isObject(message) && typeof message.glovebox === 'string'
}

export function isBootstrap(message: unknown): message is Bootstrap {
  return isObject(message) && message.glovebox === 'bootstrap'
}

/** Constructors, so that the marks are written once. */
export function request(type: RunnerRequest['type'], rest: Partial<RunnerRequest> = {}): RunnerRequest {
  return { __vitest_worker_request__: true, type, ...rest }
}

export function response(type: RunnerResponse['type'], rest: Partial<RunnerResponse> = {}): RunnerResponse {
  return { __vitest_worker_response__: true, type, ...rest }
}
