import type { Message } from './protocol.js'

/** One difference between an overlay and what lies below it. */
export interface Change {
  change: 'created' | 'modified' | 'deleted'
  /** The overlay's target: an absolute path in the sandbox, and on the host the directory below it. */
  target: string
  /** Relative to the target. */
  path: string
  kind: 'file' | 'directory' | 'symlink' | 'other'
  /** Bytes. */
  size: number
  /** Permission bits. */
  mode: number
}

/** The reply to `changes`. Pure. */
export function decodeChanges(reply: Message): Change[] {
  return reply.groups('change').map((group) => ({
    change: group.need('change') as Change['change'],
    target: group.need('change.target'),
    path: group.need('change.path'),
    kind: (group.get('change.kind') ?? 'other') as Change['kind'],
    size: group.number('change.size') ?? 0,
    mode: Number.parseInt(group.get('change.mode') ?? '644', 8) & 0o7777,
  }))
}
