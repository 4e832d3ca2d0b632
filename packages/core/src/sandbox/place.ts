import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  mkdir,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { SandboxFault } from './fault.js'

/** Moves a staged file or symlink to its place below `root`, atomically, with its mode and (as root) its owner. */
export async function placeFile(staged: string, root: string, path: string): Promise<void> {
  await assertInside(root, path)
  const directory = dirname(path)
  await mkdir(directory, { recursive: true })
  const stats = await lstat(staged)
  const temporary = join(directory, `.glovebox-${randomUUID()}`)
  try {
    if (stats.isSymbolicLink()) await symlink(await readlink(staged), temporary)
    else {
      await copyFile(staged, temporary, constants.COPYFILE_EXCL)
      await chmod(temporary, stats.mode & 0o777)
    }
    if (process.getuid?.() === 0) await lchown(temporary, stats.uid, stats.gid)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Throws a SandboxFault if a directory between `root` and `path` is a symlink (which in the overlay was replaced by a directory): to
 * follow it might lead out of the project.
 */
export async function assertInside(root: string, path: string): Promise<void> {
  let directory = dirname(path)
  while (directory !== root && !(await exists(directory))) directory = dirname(directory)
  const expected = join(await realpath(root), relative(root, directory))
  if ((await realpath(directory)) === expected) return
  throw new SandboxFault({
    stage: 'write-back',
    path,
    message: `${path} cannot be copied back: on the host ${directory} lies behind a symlink, which is not followed.`,
  })
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
