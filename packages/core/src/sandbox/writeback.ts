import { createHash } from 'node:crypto'
import { mkdtemp, readFile, readlink, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { DiscardedWrite } from '../verdict/usage.js'
import type { Change } from './changes.js'
import { SandboxFault } from './fault.js'
import { type HostChange, type Persists, planWrites } from './persist.js'
import { filesAt, placeFile, removeEmptied, removeFile } from './place.js'

/** The part of a sandbox that is needed here. */
export interface Overlays {
  changes(): Promise<Change[]>
  export(target: string, paths: readonly string[], directory: string): Promise<void>
}

export interface Writes {
  /** Absolute paths: copied back, or deleted. */
  persisted: string[]
  discarded: DiscardedWrite[]
}

interface Owner {
  file: string
  /** Hash of what it wrote; `deleted`. */
  content: string
}

/**
 * Copies what a file wrote and may keep (`persist`) from its overlay to the project; the rest is only listed. Each file is replaced
 * atomically. No symlink is followed out of the project. Two files that want different content for a path are an error.
 */
export class WriteBack {
  readonly #runDirectory: string
  readonly #owners = new Map<string, Owner>()

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory
  }

  /** Forgets who wrote what. */
  beginRun(): void {
    this.#owners.clear()
  }

  /** Only lists. */
  async list(overlays: Overlays): Promise<Writes> {
    const changes = await overlays.changes()
    const { remove, discard } = planWrites(changes, () => false)
    return { persisted: [], discarded: [...discard, ...remove].map(discardedWrite) }
  }

  /** `file` names the one who writes. Throws a SandboxFault of stage `write-back`; then nothing, or not all, was copied. */
  async apply(overlays: Overlays, file: string, persists: Persists): Promise<Writes> {
    const plan = planWrites(await overlays.changes(), persists)
    const removals = (await Promise.all(plan.remove.map((change) => expandRemoval(change, persists)))).flat()
    const removed = removals.filter((removal) => removal.persisted)
    const discarded = [...plan.discard, ...removals.filter((removal) => !removal.persisted)].map(
      discardedWrite,
    )
    let staging: string | undefined
    try {
      staging = await mkdtemp(join(this.#runDirectory, 'export-'))
      const copies = await stage(overlays, plan.copy, staging)
      for (const removal of removed) this.#claim(removal.absolute, { file, content: 'deleted' })
      for (const copy of copies) this.#claim(copy.change.absolute, { file, content: copy.content })
      for (const { target, absolute } of removed) await removeFile(target, absolute)
      for (const { target, absolute } of plan.remove) await removeEmptied(target, absolute)
      for (const { staged, change } of copies) await placeFile(staged, change.target, change.absolute)
      return {
        persisted: [...copies.map((copy) => copy.change), ...removed].map((change) => change.absolute),
        discarded,
      }
    } catch (error) {
      if (error instanceof SandboxFault) throw error
      const { path, errno, message } = error as NodeJS.ErrnoException
      throw new SandboxFault({
        stage: 'write-back',
        errno: errno && Math.abs(errno), // Node.js' own are negative
        path,
        message: `What ${file} wrote cannot be copied back: ${message}`,
      })
    } finally {
      if (staging !== undefined) await rm(staging, { recursive: true, force: true })
    }
  }

  #claim(path: string, owner: Owner): void {
    const other = this.#owners.get(path)
    if (other && other.file !== owner.file && other.content !== owner.content) {
      throw new SandboxFault({
        stage: 'write-back',
        path,
        message: `${other.file} and ${owner.file} want to keep different content in ${path}: only one could win, and which one would depend on their order.`,
      })
    }
    this.#owners.set(path, owner)
  }
}

interface Copy {
  staged: string
  change: HostChange
  /** Hash of kind and content. */
  content: string
}

/** Paths of one export request: far less than MAX_REQUEST, however long they are. */
const BATCH = 200

/** Exports to the staging directory, in batches of one overlay each. */
async function stage(overlays: Overlays, changes: readonly HostChange[], staging: string): Promise<Copy[]> {
  const copies: Copy[] = []
  for (const target of new Set(changes.map((change) => change.target))) {
    const own = changes.filter((change) => change.target === target)
    for (let first = 0; first < own.length; first += BATCH) {
      const batch = own.slice(first, first + BATCH)
      const directory = await mkdtemp(join(staging, 'batch-'))
      const paths = batch.map((change) => change.path)
      await overlays.export(target, paths, directory)
      for (const [index, change] of batch.entries()) {
        const staged = join(directory, String(index))
        copies.push({ staged, change, content: await contentHash(staged, change.kind) })
      }
    }
  }
  return copies
}

async function contentHash(path: string, kind: Change['kind']): Promise<string> {
  const content = kind === 'symlink' ? await readlink(path) : await readFile(path)
  return createHash('sha256').update(kind).update('\0').update(content).digest('hex')
}

type Removal = HostChange & { persisted: boolean }

/** What a deletion means on the host: the file, or all files of the directory. Nothing, if it was there only in the overlay. */
async function expandRemoval(change: HostChange, persists: Persists): Promise<Removal[]> {
  const files = await filesAt(change.target, change.absolute)
  return files.map(({ path, size }) => ({
    ...change,
    path: relative(change.target, path),
    absolute: path,
    size,
    persisted: persists(path),
  }))
}

function discardedWrite({ absolute, change, size }: HostChange): DiscardedWrite {
  return { path: absolute, change, size }
}
