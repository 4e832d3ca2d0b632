import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import {
  lchown,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  symlink,
  unlink,
} from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Beneath } from './beneath.js'

/*
 * Changes to the project on the host. Whoever may write there directly (a file with `filesystem.project: 'direct'` or `writable`) may swap
 * directories for symlinks at any moment; everything happens through directories that are held open, so that nothing is led out of the project.
 */

/** Moves a staged file or symlink to its place below `root`, atomically, with its mode and (as root) its owner. */
export async function placeFile(staged: string, root: string, path: string): Promise<void> {
  const directory = (await Beneath.open(root, path, true)) as Beneath
  const temporary = directory.path(`.glovebox-${randomUUID()}`)
  try {
    await copy(staged, temporary)
    await rename(temporary, directory.path(basename(path)))
  } catch (error) {
    await rm(temporary, { force: true })
    // Not the name by which it was reached.
    const { code, errno, syscall } = error as NodeJS.ErrnoException
    throw Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, path })
  } finally {
    await directory.close()
  }
}

async function copy(staged: string, temporary: string): Promise<void> {
  const stats = await lstat(staged)
  const isRoot = process.getuid?.() === 0
  if (stats.isSymbolicLink()) {
    await symlink(await readlink(staged), temporary)
    if (isRoot) await lchown(temporary, stats.uid, stats.gid)
    return
  }
  // Mode and owner go to what was made here, not to what may have taken its name.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = await open(temporary, flags, 0o600)
  try {
    await file.writeFile(await readFile(staged))
    if (isRoot) await file.chown(stats.uid, stats.gid)
    await file.chmod(stats.mode & 0o777)
  } finally {
    await file.close()
  }
}

/** Deletes a file below `root`. It may have gone. */
export async function removeFile(root: string, path: string): Promise<void> {
  await within(root, path, async (entry) => {
    await unlink(entry).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  })
}

/** Deletes a directory that holds nothing but directories, unless something in it stays. */
export async function removeEmptied(root: string, path: string): Promise<void> {
  await within(root, path, async (entry) => {
    const names = await readdir(entry, { withFileTypes: true }).catch(() => [])
    for (const name of names) if (name.isDirectory()) await removeEmptied(root, join(path, name.name))
    await rmdir(entry).catch(() => {})
  })
}

export interface Found {
  path: string
  /** Bytes. */
  size: number
}

/** The file at a path below `root`, or all that the directory there holds; none, if there is nothing. */
export async function filesAt(root: string, path: string): Promise<Found[]> {
  const directory = await Beneath.open(root, path)
  if (directory === undefined) return []
  try {
    return await filesBelow(directory, basename(path), path)
  } finally {
    await directory.close()
  }
}

/** One after the other: a directory may hold more files than there are descriptors. */
async function filesBelow(directory: Beneath, name: string, path: string): Promise<Found[]> {
  const stats = await lstat(directory.path(name)).catch(() => undefined)
  if (!stats) return []
  if (!stats.isDirectory()) return [{ path, size: stats.size }]
  const inner = await directory.below(name)
  const found: Found[] = []
  try {
    for (const each of await readdir(inner.path('.')))
      found.push(...(await filesBelow(inner, each, join(path, each))))
  } finally {
    await inner.close()
  }
  return found
}

/** `act` with a name by which the entry is reached where it is now; nothing where the directory that holds it is missing. */
async function within(root: string, path: string, act: (entry: string) => Promise<void>): Promise<void> {
  const directory = await Beneath.open(root, path)
  try {
    if (directory) await act(directory.path(basename(path)))
  } finally {
    await directory?.close()
  }
}
