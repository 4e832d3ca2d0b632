/**
 * That forked workers have proved themselves, kept in the user's cache directory: one small file for each combination of Node.js, library and
 * flags. Failures are not kept: their cause may pass.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir, release } from 'node:os'
import { join } from 'node:path'

/** Days after which a test is due again, so that files of what is no longer there go, too. */
const VALID_DAYS = 30
const DAY = 86_400_000

export interface Proof {
  directory: string
  /** What was tested. */
  subject: string
}

export interface ProofInput {
  /** Path of glovebox-fork.so. */
  library: string
  execArgv: readonly string[]
  env: Readonly<Record<string, string>>
}

/** Changes with everything that decides whether a fork works: the files that run in it, the kernel, the flags. */
export function proofOf({ library, execArgv, env }: ProofInput): Proof {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const subject = JSON.stringify({
    node: process.version,
    executable: fileState(process.execPath),
    library: createHash('sha256').update(readFileSync(library)).digest('hex'),
    libc: fileState(mappedLibc() ?? ''),
    kernel: release(),
    execArgv,
    options: env.NODE_OPTIONS ?? '',
    preload: env.LD_PRELOAD ?? '',
  })
  return { directory: join(cache, 'glovebox', 'forks'), subject }
}

/** Whatever is wrong with the file, or with the directory, means no. */
export function isProven(proof: Proof, now: number = Date.now()): boolean {
  try {
    const path = pathOf(proof)
    return now - statSync(path).mtimeMs < VALID_DAYS * DAY && readFileSync(path, 'utf8') === proof.subject
  } catch {
    return false
  }
}

/** Where it cannot be written, the next run tests again. Whoever does so at the same time writes the same. */
export function rememberProof(proof: Proof): void {
  try {
    mkdirSync(proof.directory, { recursive: true })
    removeOld(proof.directory)
    const temporary = join(proof.directory, `.${randomUUID()}`)
    writeFileSync(temporary, proof.subject)
    renameSync(temporary, pathOf(proof))
  } catch {
    // A cache directory that is read-only, missing or full.
  }
}

function pathOf({ directory, subject }: Proof): string {
  return join(directory, createHash('sha256').update(subject).digest('hex'))
}

function removeOld(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    try {
      if (Date.now() - statSync(path).mtimeMs > VALID_DAYS * DAY) unlinkSync(path)
    } catch {
      // Another process was faster.
    }
  }
}

function mappedLibc(): string | undefined {
  return /\s(\/\S*\/libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))?.[1]
}

function fileState(path: string): string {
  const { size = 0, mtimeMs = 0, ino = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
  return `${path} ${size} ${mtimeMs} ${ino}`
}
