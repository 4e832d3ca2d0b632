import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { isCall, type Note } from './protocol.js'

/**
 * A test may attach a file to an annotation or artifact by its path. Vitest's main process copies the file, but the
 * sandbox's private directories are not visible there: the content travels ahead of the call.
 */
interface Attachment {
  path?: string
}

interface Artifact {
  attachments?: Attachment[]
  annotation?: { attachment?: Attachment }
}

function attachmentsOf(message: unknown): Attachment[] {
  if (!isCall(message) || message.m !== 'onTaskArtifactRecord') return []
  const artifact = message.a[1] as Artifact | undefined
  const all = [artifact?.annotation?.attachment, ...(artifact?.attachments ?? [])]
  return all.filter((item): item is Attachment & { path: string } => {
    return item?.path !== undefined && !/^https?:\/\//.test(item.path)
  })
}

/** In the worker: sends the content of what the message refers to. An unreadable file ends in Vitest's own error. */
export function carryAttachments(message: unknown, tell: (note: Note) => void): void {
  for (const { path } of attachmentsOf(message)) {
    if (path === undefined) continue
    try {
      tell({ glovebox: 'attachment', path, content: readFileSync(resolve(path)) })
    } catch {}
  }
}

export interface ReceivedAttachments {
  receive(path: string, content: Uint8Array): void
  /** Points the message to the received copies. */
  resolve(message: unknown): void
  remove(): void
}

/** In the main process: the received files, until the test file is done. */
export function receiveAttachments(): ReceivedAttachments {
  const copies = new Map<string, string>()
  let directory: string | undefined
  const place = (name: string) => {
    directory ??= mkdtempSync(join(tmpdir(), 'glovebox-attachments-'))
    return join(directory, name)
  }
  return {
    receive(path, content) {
      const copy = place(`${copies.size}-${basename(path)}`)
      writeFileSync(copy, content)
      copies.set(path, copy)
    },
    resolve(message) {
      for (const attachment of attachmentsOf(message)) {
        // Never a path of the host: Vitest would copy a file from there that the sandbox does not show.
        if (attachment.path !== undefined)
          attachment.path = copies.get(attachment.path) ?? place(`unreadable-${basename(attachment.path)}`)
      }
    },
    remove() {
      if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
    },
  }
}
