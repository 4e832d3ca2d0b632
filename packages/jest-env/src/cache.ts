import { randomUUID } from 'node:crypto'
import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative } from 'node:path'
import { type JestModules, loadCacheWriter } from './jest-modules.js'
import type { Note } from './protocol.js'

/*
 * Jest's cache of transformed code is shared by all files, and no test can poison it: workers read the one of the host and write into
 * a layer of their own, which is thrown away. What Jest itself writes there is told to the main process, which puts it into the host's.
 */

/** In the worker. */
export function observeCache(jest: JestModules, directory: string, tell: (note: Note) => void): void {
  const writer = loadCacheWriter(jest)
  const { sync } = writer
  writer.sync = (path, content, options) => {
    sync(path, content, options)
    if (isBelow(path, directory)) tell({ glovebox: 'cached', path, content: String(content) })
  }
}

/** Where Jest keeps what it transformed. Its map of the project's files lies beside it, and is the main process's alone. */
const transformed = /^jest-transform-cache-/

/**
 * In the main process. The name of an entry says what it was made from, so one that is there is never written again, whoever asks.
 * A cache that cannot be written costs time, no more.
 */
export async function storeInCache(directory: string, path: string, content: string): Promise<void> {
  if (!isBelow(path, directory) || !transformed.test(relative(directory, path))) return
  const temporary = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, content)
    await link(temporary, path)
  } catch {
    // It is there already, or cannot be.
  }
  await rm(temporary, { force: true })
}

export function isBelow(path: string, directory: string): boolean {
  const inner = relative(directory, path)
  return inner !== '' && inner !== '..' && !inner.startsWith('../') && !isAbsolute(inner)
}
