import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, realpath } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { SandboxFault } from './fault.js'

/** open(2)'s O_PATH: no right to read the directory is needed. The same on x64 and arm64; Node.js does not name it. */
const O_PATH = 0o10000000

/**
 * A directory below a root, held open: what is done through it happens there and nowhere else, whatever becomes of the names that led to
 * it. (openat2 with RESOLVE_NO_SYMLINKS, with what Node.js has: one component at a time, each opened below the one before through /proc.)
 */
export class Beneath {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /**
   * Opens the directory that holds `path`, an absolute path below `root`; `make` makes what is missing. Symlinks in the root's own path are
   * followed, those below it never: throws a SandboxFault of stage `write-back`. `undefined`: it is not there.
   */
  static async open(root: string, path: string, make = false): Promise<Beneath | undefined> {
    let directory = new Beneath(await open(await realpath(root), O_PATH | constants.O_DIRECTORY))
    for (const name of relative(root, dirname(path)).split('/').filter(Boolean)) {
      const next = await directory.below(name, make).catch(async (error: NodeJS.ErrnoException) => {
        await directory.close()
        if (error.code === 'ENOTDIR') throw behindSymlink(path, name)
        if (error.code === 'ENOENT' && !make) return undefined
        throw error
      })
      if (next === undefined) return undefined
      await directory.close()
      directory = next
    }
    return directory
  }

  /** Where an entry can be reached, until `close`. */
  path(name: string): string {
    return join('/proc/self/fd', String(this.#handle.fd), name)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  /** The directory of that name; ENOTDIR if it is a symlink. */
  async below(name: string, make = false): Promise<Beneath> {
    const path = this.path(name)
    const flags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
    const opened = await open(path, flags).catch(async (error: NodeJS.ErrnoException) => {
      if (!make || error.code !== 'ENOENT') throw error
      await mkdir(path).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'EEXIST') throw thrown
      })
      return open(path, flags)
    })
    return new Beneath(opened)
  }
}

function behindSymlink(path: string, name: string): SandboxFault {
  return new SandboxFault({
    stage: 'write-back',
    path,
    message: `${path} cannot be copied back: on the host ${name} on the way to it is no directory; a symlink is not followed.`,
  })
}
